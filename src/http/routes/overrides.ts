import { approveOverride, getOverride, listOverrides, override, withdrawOverride } from '../../app/overrides.ts';
import type { Ports } from '../../app/ports.ts';
import { type Handlers, ok } from '../answer.ts';
import { pageIn } from './page-in.ts';
import { releaseOf } from './release-in.ts';

type Ids = 'listOverrides' | 'createOverride' | 'getOverride' | 'deleteOverride' | 'approveOverride';

/** Breaking the glass. */
export function overrideHandlers(ports: Ports): Pick<Handlers, Ids> {
  return {
    listOverrides: {
      handle: async ({ query }) =>
        ok(await listOverrides(ports, releaseOf(query), query.standing ?? true, pageIn(query))),
    },
    createOverride: {
      handle: async ({ body, context }) => ({ status: 201, json: await override(ports, context, body) }),
    },
    getOverride: { handle: async ({ path }) => ok(await getOverride(ports, path.id)) },
    deleteOverride: {
      handle: async ({ path, context }) => {
        await withdrawOverride(ports, context, path.id);
        return { status: 204 };
      },
    },
    approveOverride: {
      handle: async ({ path, body, context }) => ({
        status: 201,
        json: await approveOverride(ports, context, path.id, body?.comment ?? null),
      }),
    },
  };
}
