import { nodesOf, type Promql, type PromqlNode, textOf, unwrap } from './promql.ts';
import { callName, measuredArgument } from './promql-parts.ts';
import { decodeString } from './promql-string.ts';

/** By convention such metrics carry labels alone, so that counts can be joined with them. */
const CARRIES_LABELS = /(^|[_:])(info|labels|annotations|owner)$/;

/** True for what never changes the number that it is multiplied by: it only says which series are meant. */
export function isAlwaysOne(query: Promql, wrapped: PromqlNode): boolean {
  const node = unwrap(wrapped);
  const name = callName(node);
  if (name === 'Group') return true;
  if (node.name === 'VectorSelector') return CARRIES_LABELS.test(metricOf(query, node));
  const argument = measuredArgument(node);
  const isKept = ['Max', 'Min', 'LabelReplace', 'LabelJoin'].includes(name);
  return isKept && argument !== undefined && isAlwaysOne(query, argument);
}

function metricOf(query: Promql, selector: PromqlNode): string {
  const identifier = selector.getChild('Identifier');
  if (identifier !== null) return textOf(query, identifier);
  const [quoted] = nodesOf(query, 'QuotedLabelName').filter(
    ({ from, to }) => selector.from <= from && to <= selector.to,
  );
  return quoted === undefined ? '' : (decodeString(textOf(query, quoted)) ?? '');
}
