import { listWarnings } from '../../app/live-warnings.ts';
import type { ConfigKey, Ports } from '../../app/ports.ts';
import { type Handlers, ok } from '../answer.ts';
import { list, put, read, remove } from './configuration.ts';

const keyOf = (path: { readonly service: string }): ConfigKey => ({ kind: 'service', owner: '', name: path.service });

export function serviceHandlers(
  ports: Ports,
): Pick<Handlers, 'listServices' | 'getService' | 'putService' | 'deleteService' | 'listWarnings'> {
  return {
    listServices: { handle: ({ query }) => list(ports, 'service', null, query) },
    getService: { handle: ({ path }) => read(ports, keyOf(path)) },
    putService: {
      handle: (call) => put(ports, keyOf(call.path), call.body, call, `/services/${call.path.service}`),
    },
    listWarnings: { handle: async ({ path }) => ok({ items: await listWarnings(ports, path.service), next: null }) },
    deleteService: { handle: (call) => remove(ports, keyOf(call.path), call) },
  };
}
