import { canonicalJson, sha256Hex } from '../domain/audit/canonical.ts';
import { invalid } from '../domain/errors.ts';
import { documentsOf, yamlOf } from '../domain/openslo/open-slo-export.ts';
import { draftsFrom, type OpenSloDrafts } from '../domain/openslo/open-slo-import.ts';
import { planOf } from '../domain/service.ts';
import { again } from './again.ts';
import { changeRecorded } from './import-change.ts';
import { noService } from './no-service.ts';
import { keyOf, type OpenSloPlan, type PlannedItem, planOpenSlo, type ShapeOf } from './open-slo-plan.ts';
import type { Commit, Ports, RequestContext, Write } from './ports.ts';
import { newEntry } from './record.ts';
import { providersIn } from './references.ts';

/**
 * Documents of OpenSLO become services and rules: all of them or none. As with a calendar it is one act, so one entry
 * and one transaction. Nothing of a data source is kept, because its connection details may hold secrets.
 */
export interface OpenSloRequest {
  /** Of sources that name none. */
  readonly provider: string | null;
  readonly reason: string | null;
  /** Shows what would be done. */
  readonly dryRun: boolean;
}

export interface OpenSloResult {
  readonly dryRun: boolean;
  readonly items: readonly object[];
  readonly warnings: readonly string[];
}

type ImportPorts = Pick<Ports, 'store' | 'events' | 'runtime' | 'origin' | 'gateVersion'>;

const MOST_WARNINGS = 200;

/**
 * Saves what the documents ask for, or shows it. `body` is YAML as text, or what JSON was parsed into.
 * @throws GateError `invalid-request` with every error at once, `in-use`, or `conflict` when others kept changing what
 *   it was compared with. Nothing has been saved then.
 */
export async function importOpenSlo(
  ports: ImportPorts,
  context: RequestContext,
  body: unknown,
  request: OpenSloRequest,
  shapeOf: ShapeOf,
): Promise<OpenSloResult> {
  const drafts = draftsFrom(body, request.provider);
  if ('errors' in drafts) throw invalid(drafts.errors);
  const services = [...new Set([...drafts.services, ...drafts.rules].map(({ service }) => service))].sort();
  const plan = await again('what the documents ask for', async () => {
    const scopes = ['global', ...services.map((service) => `service/${service}`)];
    const expects = await ports.store.revisions(scopes);
    const planned = await planOpenSlo(ports.store, drafts, shapeOf);
    if (request.dryRun) return planned;
    const at = await ports.store.now();
    const entry = newEntry(ports, context, entryOf(body, request, at, planned));
    const commit: Commit = { entry, expects, raises: scopes, writes: planned.items.flatMap(writeOf) };
    return (await ports.store.append(commit)) === 'recorded' ? planned : null;
  });
  if (!request.dryRun) ports.events.changed({ request: context, kind: 'openslo-import', subject: services.join(' ') });
  return { dryRun: request.dryRun, items: plan.items.map(shown), warnings: warningsOf(drafts, plan) };
}

/** What is as it was is named, what changes is there as it was and as it is. */
function entryOf(body: unknown, { reason }: OpenSloRequest, at: string, { items }: OpenSloPlan) {
  const services = [...new Set(items.map(({ service }) => service))];
  const text = typeof body === 'string' ? body : canonicalJson(body);
  return {
    kind: 'openslo-import',
    at,
    service: services.length === 1 ? (services[0] ?? null) : null,
    reason,
    file: { sha256: sha256Hex(text), characters: text.length },
    changes: items
      .filter(({ change }) => change !== 'unchanged')
      .map((item) => ({ config: keyOf(item), ...changeRecorded(item.change, item.before, item) })),
    unchanged: items.filter(({ change }) => change === 'unchanged').map(keyOf),
  };
}

function writeOf(item: PlannedItem): readonly Write[] {
  if (item.change === 'unchanged') return [];
  return [{ kind: 'put-config', key: keyOf(item), document: item.document, etag: item.etag }];
}

function shown({ kind, service, rule, change, document }: PlannedItem): object {
  return { kind, service, ...(rule === null ? {} : { rule }), change, document };
}

function warningsOf(drafts: OpenSloDrafts, plan: OpenSloPlan): readonly string[] {
  const all = [...drafts.warnings.map(({ pointer, message }) => `${pointer}: ${message}`), ...plan.warnings];
  const more = all.length - MOST_WARNINGS;
  return more > 0 ? [...all.slice(0, MOST_WARNINGS), `and ${more} more`] : all;
}

/**
 * A service and its rules as a stream of OpenSLO documents in YAML.
 * @throws GateError `not-found`.
 */
export async function exportOpenSlo(ports: Pick<Ports, 'store'>, name: string): Promise<string> {
  const { service, rules, providers } = await ports.store.gateState(name, '');
  if (service === null) throw noService(name);
  const asked = providersIn(planOf(service), rules);
  const named = providers.filter((each) => asked.has(each.name));
  const kinds = named.map((each) => ({ name: each.name, kind: each.provider.kind }));
  return yamlOf(documentsOf({ name, service, rules, providers: kinds }));
}
