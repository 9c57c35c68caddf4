import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/**
 * Prometheus's own grammar, and the only place that knows which parser stands behind it. The grammar
 * recovers from errors instead of throwing, so a caller must look at `errorAt` before anything else.
 * It checks neither types nor string escapes; promql-check.ts does.
 */
export type PromqlNode = SyntaxNode;

export interface Promql {
  readonly text: string;
  readonly root: PromqlNode;
  /** Every node's type, nested: two queries with the same shape differ in nothing but leaf texts. */
  readonly shape: string;
  /** Offset of the first syntax error, or null. */
  readonly errorAt: number | null;
}

/** Parses any text; look at `errorAt` first. */
export function parsePromql(text: string): Promql {
  const tree = parser.parse(text);
  let shape = '';
  let errorAt: number | null = null;
  tree.iterate({
    enter(node) {
      shape += `(${node.type.id}`;
      if (node.type.isError) errorAt ??= node.from;
    },
    leave() {
      shape += ')';
    },
  });
  return { text, root: tree.topNode, shape, errorAt };
}

/** All nodes with one of these names, in the order of the text. */
export function nodesOf(query: Promql, ...names: readonly string[]): readonly PromqlNode[] {
  const found: PromqlNode[] = [];
  query.root.cursor().iterate((node) => {
    if (names.includes(node.name)) found.push(node.node);
  });
  return found;
}

/** The direct children of a node, without comments. */
export function childrenOf(node: PromqlNode): readonly PromqlNode[] {
  const children: PromqlNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) children.push(child);
  return children.filter((child) => child.name !== 'LineComment');
}

/** The part of the query's text that the node covers. */
export function textOf(query: Promql, node: PromqlNode): string {
  return query.text.slice(node.from, node.to);
}

const WRAPPERS = ['ParenExpr', 'OffsetExpr', 'StepInvariantExpr', 'AnchoredExpr', 'SmoothedExpr'];

/** True for a node that only parenthesises its expression or moves it in time. */
export function isWrapper(node: PromqlNode): boolean {
  return WRAPPERS.includes(node.name);
}

/** The expression inside any parentheses, offset and @. */
export function unwrap(node: PromqlNode): PromqlNode {
  let inner = node;
  while (isWrapper(inner)) {
    const next = childrenOf(inner)[0];
    if (next === undefined) break;
    inner = next;
  }
  return inner;
}

/** `line 2, column 5` of an offset, both counted from 1. */
export function placeIn(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`;
}
