import { approve, listApprovals, withdrawApproval } from '../../app/approvals.ts';
import type { Ports } from '../../app/ports.ts';
import { type Handlers, ok } from '../answer.ts';
import { pageIn } from './page-in.ts';
import { releaseOf } from './release-in.ts';

type Ids = 'listApprovals' | 'createApproval' | 'deleteApproval';

/** What people have approved. */
export function approvalHandlers(ports: Ports): Pick<Handlers, Ids> {
  return {
    listApprovals: {
      handle: async ({ query }) =>
        ok(await listApprovals(ports, releaseOf(query), query.standing ?? true, pageIn(query))),
    },
    createApproval: {
      handle: async ({ body, context }) => ({ status: 201, json: await approve(ports, context, body) }),
    },
    deleteApproval: {
      handle: async ({ path, context }) => {
        await withdrawApproval(ports, context, path.id);
        return { status: 204 };
      },
    },
  };
}
