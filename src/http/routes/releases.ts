import { withdrawAsker } from '../../app/askers.ts';
import type { Ports } from '../../app/ports.ts';
import { getRelease, listReleases, rollout } from '../../app/releases.ts';
import { clearRollback, report } from '../../app/reports.ts';
import { story } from '../../app/story.ts';
import { type Handlers, ok } from '../answer.ts';
import { pageIn } from './page-in.ts';
import { releaseIn } from './release-in.ts';

type Ids = 'reportRing' | 'clearRollback' | 'withdrawAsker' | 'listReleases' | 'getRelease' | 'getStory' | 'getRollout';

/** Where releases are, and being told what happened to them. */
export function releaseHandlers(ports: Ports): Pick<Handlers, Ids> {
  return {
    reportRing: {
      handle: async ({ path, body, context }) => ok(await report(ports, context, releaseIn(path), path.ring, body)),
    },
    clearRollback: {
      handle: async ({ path, body, context }) => ok(await clearRollback(ports, context, releaseIn(path), body.reason)),
    },
    withdrawAsker: {
      handle: async ({ path, query, context }) => {
        await withdrawAsker(ports, context, releaseIn(path), { name: path.name, reason: query.reason });
        return { status: 204 };
      },
    },
    listReleases: {
      handle: async ({ query }) => ok(await listReleases(ports, query.service ?? null, pageIn(query))),
    },
    getRelease: { handle: async ({ path }) => ok(await getRelease(ports, releaseIn(path))) },
    getStory: { handle: async ({ path }) => ok(await story(ports, releaseIn(path))) },
    getRollout: { handle: async ({ path }) => ok(await rollout(ports, path.service)) },
  };
}
