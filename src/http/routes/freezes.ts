import type { ConfigKey, Ports } from '../../app/ports.ts';
import type { Handlers } from '../answer.ts';
import { list, put, read, remove } from './configuration.ts';

type Ids = 'listFreezes' | 'getFreeze' | 'putFreeze' | 'deleteFreeze';

const keyOf = (path: { readonly freeze: string }): ConfigKey => ({ kind: 'freeze', owner: '', name: path.freeze });

export function freezeHandlers(ports: Ports): Pick<Handlers, Ids> {
  return {
    listFreezes: { handle: ({ query }) => list(ports, 'freeze', null, query) },
    getFreeze: { handle: ({ path }) => read(ports, keyOf(path)) },
    putFreeze: { handle: (call) => put(ports, keyOf(call.path), call.body, call, `/freezes/${call.path.freeze}`) },
    deleteFreeze: { handle: (call) => remove(ports, keyOf(call.path), call) },
  };
}
