import { isName } from '../release.ts';
import { adviceFor } from './foreign.ts';
import { type Notes, Part, quoted } from './part.ts';
import type { YamlValue } from './read-yaml.ts';

/** A document of OpenSLO v1 as far as all kinds are alike. Source: OpenSLO's README, "General Schema". */
export const KINDS = [
  ...['SLO', 'SLI', 'DataSource', 'Service', 'AlertPolicy', 'AlertCondition', 'AlertNotificationTarget'],
] as const;
export type Kind = string;

export interface OpenSloDocument {
  readonly kind: Kind;
  readonly name: string;
  readonly metadata: Part;
  readonly spec: Part;
}

export const API_VERSION = 'openslo/v1';
const METADATA = ['name', 'displayName', 'labels', 'annotations'];
const MOST_DOCUMENTS = 300;

/** The documents in what was sent, lists taken apart. What is no OpenSLO v1 document is noted and left out. */
export function documentsIn(values: readonly YamlValue[], notes: Notes): readonly OpenSloDocument[] {
  const parts = values.flatMap(({ pointer, value }) => {
    const part = new Part(value, pointer, notes);
    return Array.isArray(value) ? part.items() : [part];
  });
  if (parts.length > MOST_DOCUMENTS) {
    notes.errors.push({ pointer: '', message: `at most ${MOST_DOCUMENTS} documents at once: send them in parts` });
    return [];
  }
  if (parts.length === 0) notes.errors.push({ pointer: '', message: 'there is no document in this' });
  return parts.flatMap((part) => documentOf(part) ?? []);
}

function documentOf(part: Part): OpenSloDocument | null {
  const advice = adviceFor(part);
  if (advice !== null) {
    part.refuse(advice);
    return null;
  }
  if (part.fields().length === 0) {
    if (!part.isThere || typeof part.value === 'object') part.refuse('is no OpenSLO document: it is empty');
    return null;
  }
  const version = part.field('apiVersion').required().text();
  const kind = part.field('kind').required().text();
  if (version !== undefined && version !== API_VERSION) {
    part.field('apiVersion').refuse(`must be ${API_VERSION}: nothing else is read here`);
  }
  if (kind !== undefined && !(KINDS as readonly string[]).includes(kind)) {
    part.field('kind').refuse(`must be one of ${KINDS.join(', ')}`);
  }
  part.closed(['apiVersion', 'kind', 'metadata', 'spec']);
  return { kind: kind ?? '', ...bodyOf(part) };
}

/** Metadata and spec of a document, or of one that stands inside another. */
export function bodyOf(part: Part): { readonly name: string; readonly metadata: Part; readonly spec: Part } {
  const metadata = part.field('metadata').required().closed(METADATA, true);
  const name = metadata.field('name').required().text();
  return { name: name ?? '', metadata, spec: part.field('spec') };
}

/** Notes a name that services, rules and providers cannot have. */
export function requireName(part: Part): string {
  const name = part.required().text() ?? '';
  if (typeof part.value === 'string' && !isName(name)) {
    part.refuse(`${quoted(name)} is no name here: at most 63 of a-z, 0-9 and -, neither first nor last a -`);
  }
  return name;
}
