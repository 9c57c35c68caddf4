import type { FreezeDocument } from './freeze.ts';
import type { Labels } from './service.ts';

export interface FreezeTarget {
  readonly service: string;
  readonly ring: string;
  /** The ring's labels over the service's. */
  readonly labels: Labels;
}

/** Does this freeze or allowed window speak about this ring? Service, ring and every named label must match. */
export function covers(document: FreezeDocument, target: FreezeTarget): boolean {
  const { services, rings, labels } = document.scope;
  return (
    services.some((pattern) => matches(pattern, target.service)) &&
    rings.some((pattern) => matches(pattern, target.ring)) &&
    Object.entries(labels ?? {}).every(([name, value]) => hasLabel(target.labels, name, value))
  );
}

function hasLabel(labels: Labels, name: string, value: string): boolean {
  return Object.hasOwn(labels, name) && (value === '*' || labels[name] === value);
}

/**
 * The whole name against a pattern in which `*` is any text. Each part is sought once, leftmost, which is
 * enough because between two stars the earliest place is never worse; so no pattern is slow.
 */
function matches(pattern: string, name: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) return name === head;
  if (!name.startsWith(head)) return false;
  let at = head.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - tail.length >= at && name.endsWith(tail);
}
