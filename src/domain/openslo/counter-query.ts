import { nodesOf, type PromqlNode, parsePromql } from '../promql.ts';

/**
 * A query of a counter as the count over a window. OpenSLO's `counter: true` means a number that only ever rises, and
 * its examples name the series alone: what happened in a window is then the series' increase. Series that already
 * stand in a range are left alone, and a text that is no PromQL as it is.
 */
export function countedOver(query: string): string {
  const parsed = parsePromql(query);
  if (parsed.errorAt !== null) return query;
  const bare = nodesOf(parsed, 'VectorSelector').filter((node) => !isInRange(node));
  return bare.reduceRight(
    (text, { from, to }) => `${text.slice(0, from)}increase(${text.slice(from, to)}[\${window}])${text.slice(to)}`,
    query,
  );
}

function isInRange(node: PromqlNode): boolean {
  for (let at = node.parent; at !== null; at = at.parent) {
    if (at.name === 'MatrixSelector' || at.name === 'SubqueryExpr') return true;
  }
  return false;
}
