import type { FieldError } from '../errors.ts';
import { strangeIn } from '../plain-json.ts';
import { isName } from '../release.ts';
import { PREFIX, readAnnotations } from './annotation.ts';
import type { Draft } from './draft.ts';
import { Library, refuseTwins } from './library.ts';
import { readType, type Source } from './metric-source.ts';
import { documentsIn, type OpenSloDocument, requireName } from './open-slo-document.ts';
import { type Notes, quoted } from './part.ts';
import type { ReadIndicator } from './read-indicator.ts';
import { readService } from './read-service.ts';
import { readSliRule, readSlo } from './read-slo.ts';
import { readYaml } from './read-yaml.ts';

/** A provider that documents rely on. */
export interface NamedSource {
  readonly name: string;
  /** In lower case; null when the documents do not say. */
  readonly type: string | null;
  /** Where it is named. */
  readonly pointer: string;
}

export interface OpenSloDrafts {
  readonly services: readonly Draft[];
  readonly rules: readonly Draft[];
  /** Services that are named but not described: they must exist. */
  readonly named: readonly { readonly name: string; readonly pointer: string }[];
  readonly sources: readonly NamedSource[];
  /** What was read otherwise than it stands there. */
  readonly warnings: readonly FieldError[];
}

/**
 * What documents of OpenSLO v1 ask for, or everything that is wrong with them and then nothing else. `body` is YAML as
 * text, or what JSON was parsed into; `provider` is the one of sources that name none, null when there is none. The
 * drafts still have to be held against the schema, and against what they refer to.
 */
export function draftsFrom(
  body: unknown,
  provider: string | null,
): OpenSloDrafts | { readonly errors: readonly FieldError[] } {
  const read = typeof body === 'string' ? readYaml(body) : { values: [{ pointer: '', value: body }] };
  if ('errors' in read) return read;
  const strange = read.values.flatMap(({ value, pointer }) => strangeIn(value, pointer));
  if (strange.length > 0) return { errors: strange };
  const notes: Notes = { errors: [], warnings: [] };
  const documents = documentsIn(read.values, notes);
  if (notes.errors.length > 0) return { errors: notes.errors };
  refuseTwins(documents, keyOf, notes);
  const drafts = readAll(documents, provider);
  refuseClashes(drafts.rules, notes);
  if (drafts.rules.length + drafts.services.length === 0 && notes.errors.length === 0) {
    notes.errors.push({ pointer: '', message: 'there is nothing to import: no SLO, and no service with its rings' });
  }
  return notes.errors.length > 0
    ? { errors: distinct(notes.errors) }
    : { ...drafts, warnings: distinct(notes.warnings) };
}

/** What several documents refer to is read for each of them. */
function distinct(notes: readonly FieldError[]): readonly FieldError[] {
  return [...new Map(notes.map((note) => [`${note.pointer} ${note.message}`, note])).values()];
}

function readAll(documents: readonly OpenSloDocument[], provider: string | null): Omit<OpenSloDrafts, 'warnings'> {
  const library = new Library(documents);
  const declared = library.ofKind('DataSource').map(readDataSource);
  const usual = (source: Source) => provider ?? soleOf(declared, source) ?? noProvider(source);
  const slos = library.ofKind('SLO').map((each) => readSlo(each, library, usual));
  const slis = library.ofKind('SLI').flatMap((each) => readSliRule(each, usual) ?? []);
  const services = library.ofKind('Service').map((each) => ({ each, draft: readService(each) }));
  library.warnOfUnused((each) => ['SLI', 'AlertPolicy', 'AlertCondition'].includes(each.kind) && !isRule(each));
  for (const { metadata } of library.ofKind('AlertNotificationTarget')) {
    metadata.field('name').warn('ringgate answers who asks and notifies nobody: left aside');
  }
  return {
    services: services.flatMap(({ draft }) => draft ?? []),
    rules: [...slos, ...slis].flatMap(({ drafts }) => drafts),
    named: services.flatMap(({ each, draft }) => (draft === null ? [placeOfName(each)] : [])),
    sources: [...declared, ...[...slos, ...slis].flatMap(({ indicator }) => sourcesOf(indicator))],
  };
}

/** By its name a document is told from others of its kind; rules also by their service. */
function keyOf({ kind, name, metadata, spec }: OpenSloDocument): string {
  const service = kind === 'SLO' ? spec.field('service') : metadata.field('annotations').field(`${PREFIX}service`);
  return JSON.stringify([kind, name, service.value]);
}

function isRule({ kind, metadata }: OpenSloDocument): boolean {
  return kind === 'SLI' && metadata.field('annotations').field(`${PREFIX}service`).isThere;
}

function placeOfName({ name, metadata }: OpenSloDocument) {
  return { name, pointer: metadata.field('name').pointer };
}

/** Of a data source only its name counts, and its type as a check: how to connect is a matter of the provider. */
function readDataSource({ metadata, spec }: OpenSloDocument): NamedSource {
  readAnnotations(metadata, []);
  spec.required().closed(['description', 'type', 'connectionDetails']);
  const details = spec.field('connectionDetails');
  if (details.isThere && details.fields().length > 0) {
    details.warn('the provider of this name is asked as it is configured: left aside');
  }
  const type = readType(spec.field('type').required()) ?? null;
  return { name: requireName(metadata.field('name')), type, pointer: metadata.field('name').pointer };
}

function soleOf(declared: readonly NamedSource[], { type }: Source): string | undefined {
  const [sole, second] = declared.filter((each) => type === undefined || each.type === type);
  return second === undefined ? sole?.name : undefined;
}

function noProvider({ ref }: Source): undefined {
  ref.refuse('names no provider, and there is no other to go by: name it here, or for all with ?provider=');
  return undefined;
}

function sourcesOf(indicator: ReadIndicator | null): readonly NamedSource[] {
  const name = indicator?.fields.provider;
  if (typeof name !== 'string' || !isName(name)) return [];
  return (indicator?.sources ?? []).flatMap(({ type, typePointer }) =>
    type === undefined ? [] : [{ name, type, pointer: typePointer }],
  );
}

function refuseClashes(rules: readonly Draft[], notes: Notes): void {
  const seen = new Set<string>();
  for (const { service, name, origin } of rules) {
    const key = `${service}/${name}`;
    if (seen.has(key))
      notes.errors.push({ pointer: origin, message: `another document is the rule ${quoted(key)} too` });
    seen.add(key);
  }
}
