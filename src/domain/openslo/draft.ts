import { type FieldError, pointerTo } from '../errors.ts';
import type { Part } from './part.ts';

/**
 * A service or rule as documents ask for it, before its shape was checked, with where each part of it came from: what
 * is wrong with a rule is told at the place where its author wrote it.
 */
export interface Draft {
  readonly kind: 'service' | 'rule';
  readonly service: string;
  /** Of the rule; of the service itself for a service. */
  readonly name: string;
  readonly document: Readonly<Record<string, unknown>>;
  readonly places: readonly Place[];
  /** Where what has no place of its own belongs. */
  readonly origin: string;
}

export interface Place {
  /** Pointer into the draft's document. */
  readonly of: string;
  /** Pointer into what was sent. */
  readonly at: string;
  /** True when a text stands there, in which nothing can be pointed at. */
  readonly isText: boolean;
}

/** Where a field of a document came from: the same below it. */
export function placed(of: string, part: Part): Place {
  return { of, at: part.pointer, isText: typeof part.value === 'string' };
}

/** Places of fields that were read from annotations, or would be. */
export function placedInAnnotations(fields: readonly string[], metadata: Part, prefix: string): readonly Place[] {
  const annotations = pointerTo(metadata.pointer, 'annotations');
  return fields.map((field) => ({ of: `/${field}`, at: pointerTo(annotations, `${prefix}${field}`), isText: true }));
}

/** What is wrong with a draft's document, told where it came from. */
export function toldAt({ places, origin }: Draft, { pointer, message }: FieldError): FieldError {
  const fitting = places.filter(({ of }) => pointer === of || pointer.startsWith(`${of}/`));
  const place = fitting.reduce<Place | null>(
    (best, each) => (each.of.length > (best?.of.length ?? -1) ? each : best),
    null,
  );
  if (place === null) return { pointer: origin, message: pointer === '' ? message : `${pointer}: ${message}` };
  const rest = pointer.slice(place.of.length);
  if (!place.isText) return { pointer: `${place.at}${rest}`, message };
  return { pointer: place.at, message: rest === '' ? message : `${rest}: ${message}` };
}
