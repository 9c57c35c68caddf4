import { childrenOf, type Promql, type PromqlNode, textOf, unwrap } from './promql.ts';

/** What the nodes of a query's syntax tree are made of: operators, arguments and plain numbers. */
export interface BinaryParts {
  readonly left: PromqlNode;
  /** The grammar's name, such as `Add` or `Or`. */
  readonly operator: string;
  readonly right: PromqlNode;
  /** True for a comparison that yields 0 or 1 instead of filtering. */
  readonly isBool: boolean;
}

/** The parts of a BinaryExpr; null for any other node. */
export function binaryParts(node: PromqlNode): BinaryParts | null {
  const [left, operator, ...rest] = childrenOf(node);
  const right = rest.at(-1);
  if (node.name !== 'BinaryExpr' || left === undefined || operator === undefined || right === undefined) return null;
  return { left, operator: operator.name, right, isBool: node.getChild('BoolModifier') !== null };
}

/** The grammar's name of a function or an aggregation, such as `Rate` or `Sum`; empty for any other node. */
export function callName(node: PromqlNode): string {
  if (node.name === 'FunctionCall') return node.firstChild?.firstChild?.name ?? '';
  return node.name === 'AggregateExpr' ? (node.getChild('AggregateOp')?.firstChild?.name ?? '') : '';
}

/** The arguments of a function or an aggregation. */
export function argumentsOf(call: PromqlNode): readonly PromqlNode[] {
  const body = call.getChild('FunctionCallBody');
  return body === null ? [] : childrenOf(body);
}

/** The argument that has the samples: an aggregation's parameter stands before it, a function's behind it. */
export function measuredArgument(call: PromqlNode): PromqlNode | undefined {
  const all = argumentsOf(call);
  if (call.name === 'AggregateExpr') return all.at(-1);
  return (
    all.find((each) => !['NumberDurationLiteral', 'StringLiteral', 'UnaryExpr'].includes(unwrap(each).name)) ?? all[0]
  );
}

/** True for an aggregation over everything, whose one series has no labels. */
export function isOverAll(node: PromqlNode): boolean {
  if (node.name !== 'AggregateExpr') return false;
  const modifier = node.getChild('AggregateModifier');
  return modifier === null || (modifier.getChild('By') !== null && !modifier.getChild('GroupingLabels')?.firstChild);
}

/** The range of `sum(increase(selector[range]))` or of the increase alone; null for anything else. */
export function increasedRange(wrapped: PromqlNode): PromqlNode | null {
  const node = unwrap(wrapped);
  const [argument] = argumentsOf(node);
  if (argument === undefined) return null;
  if (callName(node) === 'Sum' && isOverAll(node)) return increasedRange(argument);
  return callName(node) === 'Increase' && argument.name === 'MatrixSelector' ? argument : null;
}

/** The value of a number, with signs and arithmetic of numbers; null for what is measured. */
export function numberIn(query: Promql, wrapped: PromqlNode): number | null {
  const node = unwrap(wrapped);
  if (node.name === 'NumberDurationLiteral') {
    const value = Number(textOf(query, node).replace(/^inf$/i, 'Infinity'));
    return Number.isFinite(value) ? value : null;
  }
  if (node.name === 'UnaryExpr') {
    const value = numberIn(query, childrenOf(node).at(-1) ?? node);
    return value !== null && isMinus(query, node) ? -value : value;
  }
  const parts = binaryParts(node);
  const [left, right] = parts === null ? [null, null] : [numberIn(query, parts.left), numberIn(query, parts.right)];
  return parts === null || left === null || right === null ? null : calculated(parts.operator, left, right);
}

function calculated(operator: string, left: number, right: number): number | null {
  const results: Readonly<Record<string, number>> = {
    Add: left + right,
    Sub: left - right,
    Mul: left * right,
    Div: left / right,
  };
  const value = results[operator];
  return value === undefined || !Number.isFinite(value) ? null : value;
}

/** True for a minus sign before an expression. */
export function isMinus(query: Promql, unary: PromqlNode): boolean {
  return textOf(query, unary).startsWith('-');
}

/** `0`, `vector(0)`, or something measured times 0: it says that there is nothing. */
export function isZero(query: Promql, wrapped: PromqlNode): boolean {
  const node = unwrap(wrapped);
  if (numberIn(query, node) === 0) return true;
  const [argument] = argumentsOf(node);
  if (callName(node) === 'Vector') return argument !== undefined && numberIn(query, argument) === 0;
  const parts = binaryParts(node);
  return parts?.operator === 'Mul' && (isZero(query, parts.left) || isZero(query, parts.right));
}

/** True for an operator that compares, which filters unless it yields 0 or 1. */
export function isComparison({ operator }: BinaryParts): boolean {
  return ['Eql', 'EqlC', 'Neq', 'Gtr', 'Gte', 'Lss', 'Lte'].includes(operator);
}

/** True for what reads at least one series. */
export function hasSeries(node: PromqlNode): boolean {
  return selectorsUnder(node).length > 0;
}

/** Every selector of an expression, in the order of the text. */
export function selectorsUnder(node: PromqlNode): readonly PromqlNode[] {
  const found: PromqlNode[] = [];
  node.cursor().iterate((each) => {
    if (each.name === 'VectorSelector') found.push(each.node);
  });
  return found;
}
