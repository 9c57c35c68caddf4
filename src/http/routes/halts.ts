import { getHalt, halt, liftHalt, listHalts } from '../../app/halts.ts';
import type { Ports } from '../../app/ports.ts';
import { type Handlers, ok } from '../answer.ts';
import { pageIn } from './page-in.ts';

type Ids = 'listHalts' | 'createHalt' | 'getHalt' | 'liftHalt';

/** Stopping the line, and letting it run again. */
export function haltHandlers(ports: Ports): Pick<Handlers, Ids> {
  return {
    listHalts: { handle: async ({ query }) => ok(await listHalts(ports, query.standing ?? true, pageIn(query))) },
    createHalt: {
      handle: async ({ body, context }) => ({ status: 201, json: await halt(ports, context, body) }),
    },
    getHalt: { handle: async ({ path }) => ok(await getHalt(ports, path.id)) },
    liftHalt: {
      handle: async ({ path, body, context }) => ok(await liftHalt(ports, context, path.id, body?.reason ?? null)),
    },
  };
}
