import type { Ports } from '../../app/ports.ts';
import { createToken, listTokens } from '../../app/tokens.ts';
import { type Handlers, ok } from '../answer.ts';

/** Tokens. The text of one is in the answer that creates it and nowhere else. */
export function tokenHandlers(ports: Ports): Pick<Handlers, 'createToken' | 'listTokens'> {
  return {
    createToken: {
      handle: async ({ body, context }) => ({ status: 201, json: await createToken(ports, context, body) }),
    },
    listTokens: { handle: async () => ok({ items: await listTokens(ports), next: null }) },
  };
}
