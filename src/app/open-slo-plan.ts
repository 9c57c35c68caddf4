import { type FieldError, GateError, invalid } from '../domain/errors.ts';
import { type Draft, toldAt } from '../domain/openslo/draft.ts';
import type { NamedSource, OpenSloDrafts } from '../domain/openslo/open-slo-import.ts';
import type { RuleDocument } from '../domain/rule.ts';
import type { ServiceDocument } from '../domain/service.ts';
import { etagOf } from './catalogue.ts';
import { inspectOfService } from './config-checks.ts';
import { changeTo, type Version } from './import-change.ts';
import { noService } from './no-service.ts';
import { type PendingService, type ServiceReader, withPending } from './pending-configs.ts';
import type { ConfigKey, GateState } from './ports.ts';

/** What an import does to one service or rule. */
export interface PlannedItem {
  readonly kind: 'service' | 'rule';
  readonly service: string;
  /** Null for the service itself. */
  readonly rule: string | null;
  readonly change: 'created' | 'updated' | 'unchanged';
  readonly document: unknown;
  readonly etag: string;
  readonly before: Version | null;
}

export interface OpenSloPlan {
  readonly items: readonly PlannedItem[];
  /** What is doubtful about the services as they will be. */
  readonly warnings: readonly string[];
}

/** Where each thing stands that is put, in the catalogue. */
export function keyOf({ kind, service, rule }: Pick<PlannedItem, 'kind' | 'service' | 'rule'>): ConfigKey {
  return kind === 'service' ? { kind, owner: '', name: service } : { kind, owner: service, name: rule ?? '' };
}

/** What is wrong with the shape of a document, as the schema of its PUT has it. */
export type ShapeOf = (kind: PlannedItem['kind'], document: unknown) => readonly FieldError[];

/**
 * What saving the drafts would do, each checked as a PUT of it would be, against the state with all of them in it.
 * @throws GateError `invalid-request` with everything that is wrong, told where the documents say it, or `in-use`.
 */
export async function planOpenSlo(store: ServiceReader, drafts: OpenSloDrafts, shapeOf: ShapeOf): Promise<OpenSloPlan> {
  const all = [...drafts.services, ...drafts.rules];
  refuse(all.flatMap((draft) => shapeOf(draft.kind, draft.document).map((error) => toldAt(draft, error))));
  const states = new Map<string, GateState>();
  for (const name of [...all.map(({ service }) => service), ...drafts.named.map((each) => each.name)]) {
    if (!states.has(name)) states.set(name, await store.gateState(name, ''));
  }
  const wrong = missing(drafts, states);
  const inspected = await inspectAll(withPending(store, pendingOf(drafts)), all);
  refuse([...wrong, ...inspected.flatMap(({ errors }) => errors)]);
  const inUse = inspected.flatMap(({ users }) => users);
  if (inUse.length > 0) throw new GateError('in-use', inUse.map(({ message }) => message).join('; '), inUse);
  const items = all.map((draft) => itemOf(draft, states.get(draft.service)));
  const warnings = new Set(inspected.flatMap((each) => each.warnings));
  return { items: items.sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)), warnings: [...warnings] };
}

function refuse(errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid(errors);
}

function pendingOf({ services, rules }: OpenSloDrafts): ReadonlyMap<string, PendingService> {
  const names = new Set([...services, ...rules].map(({ service }) => service));
  return new Map(
    [...names].map((name) => {
      const own = rules.filter(({ service }) => service === name);
      const put = services.find(({ service }) => service === name)?.document as ServiceDocument | undefined;
      const documents = own.map((draft) => [draft.name, draft.document as unknown as RuleDocument] as const);
      return [name, { document: put ?? null, rules: new Map(documents) }];
    }),
  );
}

function missing({ sources, named }: OpenSloDrafts, states: ReadonlyMap<string, GateState>): readonly FieldError[] {
  const providers = [...states.values()][0]?.providers ?? [];
  const services = named.filter(({ name }) => states.get(name)?.service === null);
  return [
    ...sources.flatMap((source) => wrongSource(source, providers)),
    ...services.map(({ name, pointer }) => ({ pointer, message: missingService(name) })),
  ];
}

function wrongSource({ name, type, pointer }: NamedSource, providers: GateState['providers']): FieldError[] {
  const found = providers.find((each) => each.name === name)?.provider;
  if (found === undefined) {
    return [{ pointer, message: `there is no provider named ${name}: an admin makes it with PUT /providers/${name}` }];
  }
  if (type === null || type === found.kind || found.kind === 'recorded') return [];
  return [{ pointer, message: `the provider ${name} is of the kind ${found.kind}` }];
}

function missingService(name: string): string {
  return `${noService(name).message}, with its rings, and so does the annotation ringgate/rings`;
}

interface InspectedDraft {
  readonly errors: readonly FieldError[];
  /** Who stands in the way. */
  readonly users: readonly FieldError[];
  readonly warnings: readonly string[];
}

/** One after the other: they share what was read of their service. */
async function inspectAll(store: ServiceReader, drafts: readonly Draft[]): Promise<readonly InspectedDraft[]> {
  const inspected: InspectedDraft[] = [];
  for (const draft of drafts) inspected.push(await inspect(store, draft));
  return inspected;
}

async function inspect(store: ServiceReader, draft: Draft): Promise<InspectedDraft> {
  const none = { errors: [], users: [], warnings: [] };
  try {
    const { warnings } = await inspectOfService(store, keyOf(itemKey(draft)), draft.document);
    return { ...none, warnings: warnings.map((warning) => `${draft.service}: ${warning}`) };
  } catch (error) {
    if (!(error instanceof GateError)) throw error;
    const told = error.errors.map((each) => toldAt(draft, each));
    if (error.code === 'invalid-request') return { ...none, errors: told };
    if (error.code === 'in-use') return { ...none, users: told };
    if (error.code !== 'not-found') throw error;
    return { ...none, errors: [toldAt(draft, { pointer: '/service', message: missingService(draft.service) })] };
  }
}

function itemKey({ kind, service, name }: Draft): Pick<PlannedItem, 'kind' | 'service' | 'rule'> {
  return { kind, service, rule: kind === 'rule' ? name : null };
}

function itemOf(draft: Draft, state: GateState | undefined): PlannedItem {
  const { document } = draft;
  const standing =
    draft.kind === 'service' ? state?.service : state?.rules.find(({ name }) => name === draft.name)?.rule;
  const before = standing ? { document: standing, etag: etagOf(standing) } : null;
  const etag = etagOf(document);
  return { ...itemKey(draft), change: changeTo(before, etag), document, etag, before };
}

/** Services first: a rule belongs to one. */
function orderOf({ service, rule }: PlannedItem): string {
  return rule === null ? `0/${service}` : `1/${service}/${rule}`;
}
