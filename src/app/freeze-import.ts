import { sha256Hex } from '../domain/audit/canonical.ts';
import { type FieldError, invalid } from '../domain/errors.ts';
import type { FreezeDocument } from '../domain/freeze.ts';
import { freezesFromCalendar, type NamedFreeze } from '../domain/ical-import.ts';
import { again } from './again.ts';
import { requireFreeze } from './config-checks.ts';
import { everyConfig } from './every-config.ts';
import { exemptWarnings, scopeWarnings } from './freeze-warnings.ts';
import { changeRecorded } from './import-change.ts';
import { type ImportItem, planImport } from './import-plan.ts';
import type { Commit, Ports, RequestContext, Write } from './ports.ts';
import { newEntry } from './record.ts';

/** Nobody else is answered while a file is being read. */
const LONGEST_MS = 5000;

/**
 * A calendar file becomes freezes: all of them or none. It is one act, so it is one entry and one
 * transaction; entries of their own would need commits of their own, between which a decision could
 * find half a calendar and after which a failure would leave it. Names come from the events' UIDs, so
 * the same file again changes nothing, and a newer one changes what is new in it.
 */
export interface ImportRequest {
  readonly kind: FreezeDocument['kind'];
  readonly scope: FreezeDocument['scope'];
  readonly exempt: readonly string[];
  readonly prefix: string;
  /** For what has no zone of its own; null to refuse that. */
  readonly timeZone: string | null;
  readonly reason: string | null;
  /** Also deletes what an earlier import under this prefix has made and the file no longer has. */
  readonly replace: boolean;
  /** Shows what would be done. */
  readonly dryRun: boolean;
}

export interface ImportResult {
  readonly dryRun: boolean;
  readonly items: readonly Omit<ImportItem, 'before' | 'after'>[];
  readonly warnings: readonly string[];
}

type ImportPorts = Pick<Ports, 'store' | 'events' | 'runtime' | 'origin' | 'gateVersion'>;

/**
 * Reads the file and saves what it holds, or shows what it would save.
 * @throws GateError `invalid-request` with every error at once, or `conflict` when others kept
 *   changing what it was compared with. Nothing has been saved then.
 */
export async function importFreezes(
  ports: ImportPorts,
  context: RequestContext,
  text: string,
  request: ImportRequest,
): Promise<ImportResult> {
  const freezes = freezesIn(ports, text, request);
  const items = await again(`the calendar of ${request.prefix}`, async () => {
    const at = await ports.store.now();
    const { revisions } = await ports.store.config({ kind: 'freeze', owner: '', name: request.prefix });
    const plan = planImport(await everyConfig<FreezeDocument>(ports.store, 'freeze'), freezes, request);
    if (request.dryRun) return plan;
    const entry = newEntry(ports, context, entryOf(text, request, at, plan));
    const commit: Commit = { entry, expects: revisions, raises: ['global'], writes: plan.flatMap(writesOf) };
    return (await ports.store.append(commit)) === 'recorded' ? plan : null;
  });
  if (!request.dryRun) ports.events.changed({ request: context, kind: 'freeze-import', subject: request.prefix });
  return { dryRun: request.dryRun, items: items.map(shown), warnings: await warningsFor(ports, request) };
}

function freezesIn(ports: ImportPorts, text: string, request: ImportRequest): readonly NamedFreeze[] {
  const { kind, scope, exempt, prefix, reason, timeZone } = request;
  const began = ports.runtime.monotonicMs();
  const read = freezesFromCalendar(text, {
    ...{ kind, scope, prefix },
    ...(exempt.length === 0 ? {} : { exempt }),
    ...(reason === null ? {} : { reason }),
    ...(timeZone === null ? {} : { timeZone }),
    isLate: () => ports.runtime.monotonicMs() - began > LONGEST_MS,
  });
  if ('errors' in read) throw invalid(read.errors.map(pointedAt));
  for (const { document } of read.freezes) requireFreeze(document);
  return read.freezes;
}

/** Options came in the query, events in the body. */
function pointedAt({ pointer, message }: FieldError): FieldError {
  const isOption = pointer !== '' && !pointer.startsWith('/events');
  return { pointer: isOption ? `/query${pointer}` : pointer, message };
}

/** What is as it was is named, what changes is there as it was and as it is. */
function entryOf(text: string, { prefix, reason, replace }: ImportRequest, at: string, plan: readonly ImportItem[]) {
  const changes = plan.filter(({ change }) => change !== 'unchanged');
  return {
    kind: 'freeze-import',
    at,
    reason,
    config: { kind: 'freeze', owner: '', prefix },
    replace,
    file: { sha256: sha256Hex(text), characters: text.length },
    changes: changes.map(({ name, change, before, after }) => ({ name, ...changeRecorded(change, before, after) })),
    unchanged: plan.filter(({ change }) => change === 'unchanged').map(({ name }) => name),
  };
}

function writesOf({ name, change, after }: ImportItem): readonly Write[] {
  const key = { kind: 'freeze', owner: '', name } as const;
  if (after === null) return [{ kind: 'delete-config', key }];
  return change === 'unchanged' ? [] : [{ kind: 'put-config', key, ...after }];
}

function shown({ name, change, freeze }: ImportItem) {
  return { name, change, freeze };
}

async function warningsFor({ store }: ImportPorts, { scope, exempt }: ImportRequest): Promise<readonly string[]> {
  return [...(await scopeWarnings(store, scope)), ...(await exemptWarnings(store, exempt, await store.now()))];
}
