import type { FreezeTarget } from '../../app/freeze-targets.ts';
import { freezesAt, freezeWindows } from '../../app/freezes.ts';
import type { ConfigKey, Ports } from '../../app/ports.ts';
import { type Answer, type Call, type Handlers, ok } from '../answer.ts';
import { list, put, read, remove } from './configuration.ts';
import { pageIn } from './page-in.ts';

type Ids = 'listFreezes' | 'getFreeze' | 'putFreeze' | 'deleteFreeze' | 'listFreezeWindows';

const keyOf = (path: { readonly freeze: string }): ConfigKey => ({ kind: 'freeze', owner: '', name: path.freeze });

/** Freezes and allow windows, and what the calendar makes of them. */
export function freezeHandlers(ports: Ports): Pick<Handlers, Ids> {
  return {
    listFreezes: { handle: ({ query }) => listed(ports, query) },
    getFreeze: { handle: ({ path }) => read(ports, keyOf(path)) },
    putFreeze: { handle: (call) => put(ports, keyOf(call.path), call.body, call, `/freezes/${call.path.freeze}`) },
    deleteFreeze: { handle: (call) => remove(ports, keyOf(call.path), call) },
    listFreezeWindows: {
      handle: async ({ path, query: { from = null, to = null, ...query } }) =>
        ok(await freezeWindows(ports, path.freeze, { from, to, limit: pageIn(query).limit })),
    },
  };
}

async function listed(ports: Ports, query: Call<'listFreezes'>['query']): Promise<Answer> {
  const { at = null, service, ring } = query;
  if (at === null && service === undefined && ring === undefined) return list(ports, 'freeze', null, query);
  return ok(await freezesAt(ports, { at, ...targetIn(query) }, pageIn(query)));
}

function targetIn({ service, ring }: { readonly service?: string; readonly ring?: string }): FreezeTarget {
  return { service: service ?? null, ring: ring ?? null };
}
