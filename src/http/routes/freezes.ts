import { type ImportRequest, importFreezes } from '../../app/freeze-import.ts';
import type { FreezeTarget } from '../../app/freeze-targets.ts';
import { freezeCalendar, freezesAt, freezeWindows } from '../../app/freezes.ts';
import type { ConfigKey, Ports } from '../../app/ports.ts';
import { sha256Hex } from '../../domain/audit/canonical.ts';
import { invalid } from '../../domain/errors.ts';
import { type Answer, type Call, type Handlers, ok } from '../answer.ts';
import { list, put, read, remove } from './configuration.ts';
import { pageIn } from './page-in.ts';

type Ids =
  | 'listFreezes'
  | 'getFreeze'
  | 'putFreeze'
  | 'deleteFreeze'
  | 'importFreezes'
  | 'listFreezeWindows'
  | 'getFreezeCalendar';

const keyOf = (path: { readonly freeze: string }): ConfigKey => ({ kind: 'freeze', owner: '', name: path.freeze });

/** Freezes and allow windows, and what the calendar makes of them. */
export function freezeHandlers(ports: Ports): Pick<Handlers, Ids> {
  return {
    listFreezes: { handle: ({ query }) => listed(ports, query) },
    getFreeze: { handle: ({ path }) => read(ports, keyOf(path)) },
    putFreeze: { handle: (call) => put(ports, keyOf(call.path), call.body, call, `/freezes/${call.path.freeze}`) },
    deleteFreeze: { handle: (call) => remove(ports, keyOf(call.path), call) },
    importFreezes: {
      handle: async ({ query, body, context }) => ok(await importFreezes(ports, context, body, importIn(query))),
    },
    listFreezeWindows: {
      handle: async ({ path, query: { from = null, to = null, ...query } }) =>
        ok(await freezeWindows(ports, path.freeze, { from, to, limit: pageIn(query).limit })),
    },
    getFreezeCalendar: { handle: async ({ query }) => calendar(await freezeCalendar(ports, targetIn(query))) },
  };
}

async function listed(ports: Ports, query: Call<'listFreezes'>['query']): Promise<Answer> {
  const { at = null, service, ring } = query;
  if (at === null && service === undefined && ring === undefined) return list(ports, 'freeze', null, query);
  return ok(await freezesAt(ports, { at, ...targetIn(query) }, pageIn(query)));
}

/** Programs that subscribe ask every few minutes at most, so what they were told may be that old. */
function calendar(text: string): Answer {
  const headers = { ETag: `"${sha256Hex(text)}"`, 'Cache-Control': 'private, max-age=300' };
  return { status: 200, text, type: 'text/calendar; charset=utf-8', headers };
}

function targetIn({ service, ring }: { readonly service?: string; readonly ring?: string }): FreezeTarget {
  return { service: service ?? null, ring: ring ?? null };
}

function importIn(query: Call<'importFreezes'>['query']): ImportRequest {
  const { services, rings, labels, timeZone = null, reason = null, ...told } = query;
  const scope = labels === undefined ? { services, rings } : { services, rings, labels: labelsIn(labels) };
  return { kind: 'freeze', exempt: [], replace: false, dryRun: false, ...told, scope, timeZone, reason };
}

function labelsIn(pairs: readonly string[]): Record<string, string> {
  const labels = pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const);
  const names = new Set(labels.map(([name]) => name));
  if (names.size < labels.length) throw invalid([{ pointer: '/query/labels', message: 'names a label twice' }]);
  return Object.fromEntries(labels);
}
