import type { ConfigKey, Ports } from '../../app/ports.ts';
import { receiveGithub } from '../../app/receive-github.ts';
import type { Handlers } from '../answer.ts';
import { list, put, read, remove } from './configuration.ts';

const keyOf = (path: { readonly app: string }): ConfigKey => ({ kind: 'github', owner: '', name: path.app });

export function githubHandlers(
  ports: Ports,
): Pick<Handlers, 'listGithubApps' | 'getGithubApp' | 'putGithubApp' | 'deleteGithubApp' | 'receiveGithub'> {
  return {
    listGithubApps: { handle: ({ query }) => list(ports, 'github', null, query) },
    getGithubApp: { handle: ({ path }) => read(ports, keyOf(path)) },
    putGithubApp: { handle: (call) => put(ports, keyOf(call.path), call.body, call, `/github/${call.path.app}`) },
    deleteGithubApp: { handle: (call) => remove(ports, keyOf(call.path), call) },
    receiveGithub: {
      async handle({ path, headers, body, context }) {
        const { githubEvent: event, githubDelivery: delivery, githubSignature: signature } = headers;
        const bytes = body as unknown as Uint8Array;
        const json = await receiveGithub(ports, context, { app: path.app, event, delivery, signature, bytes });
        return { status: json.received === 'ping' ? 200 : 202, json };
      },
    },
  };
}
