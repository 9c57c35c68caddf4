import { requireName } from './open-slo-document.ts';
import type { Part } from './part.ts';

/** The types, in lower case: the kinds of providers. Whatever is recorded may stand for all of them. */
const TYPES = ['prometheus', 'datadog', 'recorded'];

/** The `type` that a kind of provider is written as. */
export function typeOf(kind: string): string {
  return kind.charAt(0).toUpperCase() + kind.slice(1);
}

/** What a source of a single value has to say, and which kind of indicator it then is. */
const KIND_BY_FIELD = { query: 'threshold', sloId: 'datadog-slo', monitorId: 'datadog-monitor' };
export const VALUE_FIELDS = Object.keys(KIND_BY_FIELD);

/** The kind of indicator that the fields of a source stand for; undefined when they stand for none that is known. */
export function kindFor(fields: object): string | undefined {
  return Object.entries(KIND_BY_FIELD).find(([field]) => Object.hasOwn(fields, field))?.[1];
}

/** Where a metric comes from, as it was given: a name, a type or neither. */
export interface Source {
  readonly ref: Part;
  readonly name: string | undefined;
  readonly type: string | undefined;
  readonly typePointer: string;
  readonly spec: Part;
}

/** Reads `{metricSource: {metricSourceRef, type, spec}}` and notes a type that ringgate cannot ask. */
export function readSource(metric: Part): Source {
  const source = metric.closed(['metricSource']).field('metricSource').required();
  source.closed(['metricSourceRef', 'type', 'spec']);
  const ref = source.field('metricSourceRef');
  const spec = source.field('spec').required();
  return {
    ref,
    name: ref.isThere ? requireName(ref) : undefined,
    type: readType(source.field('type')),
    typePointer: source.field('type').pointer,
    spec,
  };
}

/** A type in lower case. Notes one that ringgate cannot ask. */
export function readType(part: Part): string | undefined {
  const type = part.text()?.toLowerCase();
  if (type === undefined || TYPES.includes(type)) return type;
  part.refuse('ringgate asks Prometheus and Datadog only');
  return undefined;
}
