import { strangeIn } from '../plain-json.ts';
import type { Part } from './part.ts';

/**
 * What OpenSLO cannot say stands in annotations under the name of the field that ringgate has for it:
 * `ringgate/maxAge: 5m`. Texts stand as they are, everything else as JSON.
 */
export const PREFIX = 'ringgate/';
const TEXTS = [
  ...['mode', 'maxAge', 'description', 'provider', 'service', 'title', 'long', 'short', 'verdict', 'sliceWindow'],
  ...['deployments', 'concurrency', 'enforcement', 'rollbackWithin', 'deploymentTimeout', 'proofFor'],
];
/** A text where it is a text of ringgate's, else JSON. */
const EITHER = ['attribution', 'burnRates', 'window', 'budget'];

/** Stands where ringgate leaves a field out and OpenSLO has to say something. */
export const DEFAULT = 'default';
/** Stands where a field is left out that the import would fill. */
export const NONE = 'none';

/** The value as an annotation's text. */
export function annotationText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/**
 * The annotations of ringgate in a document's metadata, by field. Notes those that are not `known` as errors, since
 * what they say would be lost. Annotations of others are left alone.
 */
export function readAnnotations(metadata: Part, known: readonly string[]): ReadonlyMap<string, unknown> {
  const annotations = metadata.field('annotations');
  const read = new Map<string, unknown>();
  for (const key of annotations.fields().filter((name) => name.startsWith(PREFIX))) {
    const [part, name] = [annotations.field(key), key.slice(PREFIX.length)];
    const text = part.text();
    if (text === undefined) continue;
    if (known.includes(name)) read.set(name, annotated(name, text, part));
    else part.refuse('is no annotation of ringgate here');
  }
  return read;
}

function annotated(name: string, text: string, part: Part): unknown {
  if (TEXTS.includes(name) || (EITHER.includes(name) && !/^[[{]/.test(text))) return text;
  try {
    const value: unknown = JSON.parse(text);
    if (strangeIn(value).length === 0) return value;
  } catch {
    // Told below.
  }
  part.refuse('must be JSON');
  return undefined;
}
