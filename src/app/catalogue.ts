import { canonicalJson, sha256Hex } from '../domain/audit/canonical.ts';
import { GateError } from '../domain/errors.ts';
import { again } from './again.ts';
import { inspectDelete, inspectPut } from './config-checks.ts';
import type {
  ConfigKey,
  ConfigKind,
  ConfigRow,
  NewEntry,
  Page,
  PageRequest,
  Ports,
  RequestContext,
  Revisions,
  Write,
} from './ports.ts';
import { type Preconditions, requirePreconditions } from './preconditions.ts';
import { newEntry } from './record.ts';

/**
 * Configuration over the API. A change is one commit of its record and its document, and counts only
 * if everything it was checked against still stands; otherwise it is checked again. A PUT that changes
 * nothing is recorded like any other: somebody said at that time, perhaps with a reason, that it shall
 * be so, and a log that leaves that out cannot be told from one that lost it.
 */
export interface ChangeOptions extends Preconditions {
  /** Why, in the caller's words; recorded. */
  readonly reason: string | null;
}

export interface PutResult {
  readonly created: boolean;
  readonly row: ConfigRow;
  /** Sentences about what is allowed but hardly meant. */
  readonly warnings: readonly string[];
}

type CataloguePorts = Pick<Ports, 'store' | 'events' | 'runtime' | 'origin' | 'gateVersion'>;

/** @throws GateError `not-found`. */
export async function getConfig(ports: Pick<Ports, 'store'>, key: ConfigKey): Promise<ConfigRow> {
  const { row } = await ports.store.config(key);
  if (row === null) throw new GateError('not-found', `there is no ${key.kind} ${nameOf(key)}`);
  return row;
}

/**
 * One page of the documents of a kind, by name. `owner` is the service of rules, null for the others.
 * @throws GateError `not-found` when the owner does not exist: an empty list would hide a typing error.
 */
export async function listConfigs(
  ports: Pick<Ports, 'store'>,
  kind: ConfigKind,
  owner: string | null,
  page: PageRequest,
): Promise<Page<ConfigRow>> {
  if (kind === 'rule' && owner !== null) await getConfig(ports, { kind: 'service', owner: '', name: owner });
  return ports.store.configs(kind, owner, page);
}

/**
 * Saves a whole document exactly as it was given; its shape must have been checked at the edge.
 * @throws GateError `precondition-failed`, `invalid-request` with every error at once, `not-found`,
 *   `in-use`, or `conflict` when others kept changing what it was checked against.
 */
export async function putConfig(
  ports: CataloguePorts,
  context: RequestContext,
  key: ConfigKey,
  document: unknown,
  options: ChangeOptions,
): Promise<PutResult> {
  return again(nameOf(key), async () => {
    const { row: before, revisions } = await ports.store.config(key);
    requirePreconditions(before?.etag ?? null, options);
    const { raises, warnings } = await inspectPut(ports.store, key, document);
    const updatedAt = await ports.store.now();
    const row: ConfigRow = { ...key, document, etag: etagOf(document), updatedAt };
    const change: Change = { context, key, before, after: row, at: updatedAt, reason: options.reason };
    const write: Write = { kind: 'put-config', key, document, etag: row.etag };
    const saved = await commit(ports, change, revisions, raises, write);
    return saved ? { created: before === null, row, warnings } : null;
  });
}

/**
 * Deletes a document that nothing refers to.
 * @throws GateError `not-found`, `precondition-failed`, `in-use` naming the users, or `conflict`.
 */
export async function deleteConfig(
  ports: CataloguePorts,
  context: RequestContext,
  key: ConfigKey,
  options: ChangeOptions,
): Promise<void> {
  await again(nameOf(key), async () => {
    const { row: before, revisions } = await ports.store.config(key);
    if (before === null) throw new GateError('not-found', `there is no ${key.kind} ${nameOf(key)}`);
    requirePreconditions(before.etag, options);
    const { raises } = await inspectDelete(ports.store, key);
    const at = await ports.store.now();
    const change: Change = { context, key, before, after: null, at, reason: options.reason };
    return (await commit(ports, change, revisions, raises, { kind: 'delete-config', key })) ? true : null;
  });
}

/** The strong ETag of a document without quotes: equal exactly when the documents are. */
export function etagOf(document: unknown): string {
  return sha256Hex(canonicalJson(document));
}

interface Change {
  readonly context: RequestContext;
  readonly key: ConfigKey;
  readonly before: ConfigRow | null;
  readonly after: ConfigRow | null;
  readonly at: string;
  readonly reason: string | null;
}

async function commit(
  ports: CataloguePorts,
  change: Change,
  expects: Revisions,
  raises: readonly string[],
  write: Write,
): Promise<boolean> {
  const kind = kindOf(change);
  const entry = entryOf(ports, change);
  if ((await ports.store.append({ entry, expects, raises, writes: [write] })) !== 'recorded') return false;
  ports.events.changed({ request: change.context, kind, subject: nameOf(change.key) });
  return true;
}

function entryOf(ports: CataloguePorts, change: Change): NewEntry {
  const { context, key, before, after, at, reason } = change;
  const service = key.kind === 'service' ? key.name : key.kind === 'rule' ? key.owner : null;
  return newEntry(ports, context, {
    kind: kindOf(change),
    at,
    service,
    reason,
    config: { kind: key.kind, owner: key.owner, name: key.name },
    before: before?.document ?? null,
    beforeHash: before?.etag ?? null,
    after: after?.document ?? null,
    afterHash: after?.etag ?? null,
  });
}

function kindOf({ key, after }: Change): string {
  return `${key.kind}-${after === null ? 'delete' : 'put'}`;
}

function nameOf(key: ConfigKey): string {
  return key.owner === '' ? key.name : `${key.owner}/${key.name}`;
}
