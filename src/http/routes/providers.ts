import type { ConfigKey, Ports } from '../../app/ports.ts';
import { tryProvider } from '../../app/try-provider.ts';
import { type Handlers, ok } from '../answer.ts';
import { list, put, read, remove } from './configuration.ts';

const keyOf = (path: { readonly provider: string }): ConfigKey => ({
  kind: 'provider',
  owner: '',
  name: path.provider,
});

export function providerHandlers(
  ports: Ports,
): Pick<Handlers, 'listProviders' | 'getProvider' | 'putProvider' | 'deleteProvider' | 'checkProvider'> {
  return {
    listProviders: { handle: ({ query }) => list(ports, 'provider', null, query) },
    getProvider: { handle: ({ path }) => read(ports, keyOf(path)) },
    putProvider: {
      handle: (call) => put(ports, keyOf(call.path), call.body, call, `/providers/${call.path.provider}`),
    },
    checkProvider: { handle: async ({ path }) => ok(await tryProvider(ports, path.provider)) },
    deleteProvider: { handle: (call) => remove(ports, keyOf(call.path), call) },
  };
}
