import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Decision } from '../../src/domain/decision.ts';
import type { ExplainedFinding } from '../../src/domain/finding.ts';
import type { ReportState } from '../../src/domain/life.ts';
import { isLive, occupantOf, releaseState } from '../../src/domain/lives.ts';
import { counts, isGiven, isOlder, provesRing, runs } from '../../src/domain/stay.ts';
import { type Data, LifeWorld, RINGS } from '../support/life-world.ts';

/** Random histories of several releases in several rings, whoever reports, asks, halts and waits. */
const VERSIONS = ['1', '2', '3'] as const;
// Few names, and mostly good news, so that releases get far enough to meet.
const version = fc.constantFrom('1', '1', '2', '2', '3');
const ring = fc.constantFrom('canary', 'canary', 'canary', 'early', 'early', 'global');
const data = fc.constantFrom<Data>(...Array<Data>(12).fill('good'), 'bad', 'none');

interface Asked {
  readonly do: 'ask';
  readonly version: string;
  readonly ring: string;
  readonly stage: 'enter' | 'exit';
  readonly data: Data;
}
interface Reported {
  readonly do: 'report';
  readonly version: string;
  readonly ring: string;
  readonly state: ReportState;
  readonly inside: boolean;
}
type Step =
  | Asked
  | Reported
  | { readonly do: 'adopt'; readonly version: string; readonly ring: string }
  | { readonly do: 'clear'; readonly version: string; readonly ring: string }
  | { readonly do: 'wait'; readonly minutes: number }
  | { readonly do: 'stop' }
  | { readonly do: 'lift' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      version,
      ring,
      stage: fc.constantFrom('enter' as const, 'exit' as const),
      data,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('report' as const),
      version,
      ring,
      state: fc.constantFrom<ReportState>(
        ...Array<ReportState>(9).fill('deployed'),
        'failed',
        'rolled-back',
        'abandoned',
      ),
      inside: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      minutes: fc.constantFrom(1, 1, 5, 5, 11, 11, 16, 120, 1500, 25_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('adopt', 'clear'), version, ring }) as fc.Arbitrary<Step> },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('stop', 'lift', 'lift', 'lift', 'lift') }) as fc.Arbitrary<Step>,
  },
);
const plan = fc.record({
  deployments: fc.constantFrom('assumed' as const, 'reported' as const),
  concurrency: fc.constantFrom('queue' as const, 'supersede' as const),
});

function take(world: LifeWorld, one: Step): Decision | null {
  if (one.do === 'wait') world.minutes(one.minutes);
  else if (one.do === 'stop') world.stop();
  else if (one.do === 'lift') world.halt = null;
  else if (one.do === 'clear') {
    if (releaseState(world.rollout, one.version).mark !== null) world.clear(one.version);
  } else if (one.do === 'adopt') world.report(one.version, one.ring, 'deployed', { adopted: true, reason: 'seen' });
  else if (one.do === 'ask') return world.ask(one.version, one.ring, one.stage, one.data);
  else {
    const startedAt = one.inside ? world.beganInside(one.version, one.ring) : null;
    world.report(one.version, one.ring, one.state, startedAt === null ? {} : { startedAt });
  }
  return null;
}

/** Every history of some steps, with what was there before and after each of them. */
function always(law: (before: LifeWorld, one: Step, after: LifeWorld, decision: Decision | null) => void): void {
  fc.assert(
    fc.property(plan, fc.array(step, { minLength: 20, maxLength: 60 }), (service, steps) => {
      const world = new LifeWorld(service);
      for (const one of steps) {
        world.minutes(1);
        const before = world.copy();
        const decision = take(world, one);
        law(before, one, world, decision);
      }
    }),
    { numRuns: 150 },
  );
}

describe('The laws of lives', () => {
  it('a report changes no stay in another ring, and no stay of another release that does not run in its ring', () => {
    always((before, one, after) => {
      if (one.do !== 'report') return;
      for (const other of RINGS.filter((each) => each !== one.ring)) {
        for (const each of VERSIONS) {
          const [was, is] = [before.stay(each, other), after.stay(each, other)];
          const restarted = releaseState(after.rollout, each).epoch !== releaseState(before.rollout, each).epoch;
          if (!restarted)
            expect({ each, other, state: is.state, promise: is.promise }).toMatchObject({
              state: was.state,
              promise: was.promise,
            });
          expect(runs(is)).toBe(runs(was));
        }
      }
    });
  });

  it('a marked release that runs anywhere is answered rollback, for exactly the rings that are left', () => {
    always((_, __, after) => {
      for (const each of VERSIONS.filter((v) => releaseState(after.rollout, v).mark !== null)) {
        if (!RINGS.some((r) => runs(after.stay(each, r)))) continue;
        for (const asked of RINGS) {
          const { verdict, rollback, live, findings } = after.look(each, asked, 'enter');
          const failed = findings.flatMap(({ cause, ring: where }) => (cause === 'deployment-failed' ? [where] : []));
          const left = RINGS.filter((r) => live.includes(r) || failed.includes(r));
          expect({ verdict, rings: rollback?.rings }).toEqual({ verdict: 'rollback', rings: left });
        }
      }
    });
  });

  it('one release at most runs in a ring', () => {
    always((_, __, after) => {
      for (const each of RINGS) {
        const there = after.rollout.lives.filter((life) => life.ring === each && isLive(life));
        expect(there.length).toBeLessThan(2);
      }
    });
  });

  it('nothing that has lapsed is a fact of others, and facts do not grow with asking', () => {
    always((_, __, after) => {
      const { lives } = after.facts({ version: 'new', ring: 'canary', stage: 'enter' }, 'good').rollout;
      const promised = lives.filter(({ phase }) => phase === 'promised');
      for (const life of promised) expect((life.leaseUntil ?? '') > after.at).toBe(true);
    });
  });

  it('what is reported as begun inside its promise counts', () => {
    always((before, one, after) => {
      if (one.do !== 'report' || one.state !== 'deployed' || !one.inside) return;
      if (before.beganInside(one.version, one.ring) === null) return;
      expect(counts(after.stay(one.version, one.ring))).toBe(true);
    });
  });

  it('a release is let in where every ring before is proven, and into no ring over one that was let in later', () => {
    always((before, one, after, decision) => {
      if (one.do !== 'ask' || one.stage !== 'enter' || decision?.verdict !== 'promote') return;
      for (const each of RINGS.slice(0, RINGS.indexOf(one.ring as 'canary'))) {
        expect(provesRing(after.stay(one.version, each))).toBe(true);
      }
      const occupant = occupantOf(after.rollout, one.ring)?.version ?? one.version;
      const isMarked = releaseState(after.rollout, occupant).mark !== null;
      if (occupant === one.version || isMarked || !counts(after.stay(occupant, one.ring))) return;
      for (const each of RINGS.slice(0, RINGS.indexOf(one.ring as 'canary') + 1)) {
        expect(isOlder(before.stay(one.version, each), before.stay(occupant, each))).toBe(false);
      }
    });
  });

  it('going back by report to what was proven never waits', () => {
    always((_, __, after) => {
      for (const each of VERSIONS.filter((v) => releaseState(after.rollout, v).mark === null)) {
        for (const r of RINGS) {
          const stay = after.stay(each, r);
          if (stay.proof === 'none' || runs(stay)) continue;
          const back = after.copy();
          back.report(each, r, 'deployed');
          expect(back.stay(each, r).state).toBe(stay.proof === 'fresh' ? 'proven' : 'live');
        }
      }
    });
  });

  it('asking changes nothing that nobody was let in for', () => {
    always((before, one, after) => {
      if (one.do !== 'ask') return;
      for (const r of RINGS) {
        const [was, is] = [before.stay(one.version, r), after.stay(one.version, r)];
        if (!runs(was) && runs(is)) expect(isGiven(was)).toBe(true);
      }
    });
  });

  it('every hold that needs somebody, or a report, says what to do, and that ends it', () => {
    always((_, one, after, decision) => {
      if (one.do !== 'ask' || decision === null) return;
      for (const hold of after.explained(decision, one.version).filter(({ countedAs }) => countedAs === 'hold')) {
        if (hold.clears === 'by-person' && hold.check !== 'rule') expect(hold).toHaveProperty('action');
        if (hold.action === undefined || hold.check === 'rule') continue;
        const tried = after.copy();
        if (!follow(tried, hold, one)) continue;
        const { findings } = tried.look(one.version, one.ring, one.stage);
        const still = findings.filter((each) => each.countedAs === 'hold' && isSame(each, hold));
        expect({ hold, still }).toEqual({ hold, still: [] });
      }
    });
  });
});

const isSame = (a: Pick<ExplainedFinding, 'check' | 'ring' | 'cause' | 'clears' | 'evidence'>, b: typeof a): boolean =>
  a.check === b.check &&
  a.ring === b.ring &&
  a.cause === b.cause &&
  a.clears === b.clears &&
  a.evidence.occupant === b.evidence.occupant &&
  a.evidence.state === b.evidence.state;

/** Does what a finding says; false where it says to ask about another ring, which has an answer of its own. */
function follow(
  world: LifeWorld,
  { action, check }: ExplainedFinding,
  asked: { readonly version: string; readonly ring: string },
): boolean {
  const [verb = '', path = '', body = '{}'] = (action?.do ?? '').split(' ', 3);
  if (check === 'halt') {
    world.halt = null;
    return true;
  }
  if (verb === 'GET') return false;
  if (path === '/overrides') {
    const { checks } = JSON.parse(body) as { checks: string[] };
    const [ada, grace] = ['ada', 'grace'].map((name) => ({ id: null, name }));
    const by = { at: world.at, by: ada as { id: null; name: string } };
    const second = { at: world.at, by: grace as { id: null; name: string }, comment: null };
    const expiresAt = new Date(Date.parse(world.at) + 60_000).toISOString();
    const rest = { id: 'o', reason: 'because', incident: null, expiresAt, approvals: [second], withdrawn: null };
    world.overrides = [{ ...rest, ...by, release: `shop@${asked.version}`, rings: [asked.ring], checks }];
    return true;
  }
  const [, , name = '', what, ring = ''] = path.split('/');
  const version = name.split('@')[1] ?? '';
  if (what === 'rollback') world.clear(version);
  else {
    const startedAt = body.includes('startedAt') ? world.beganInside(version, ring) : null;
    const adopted = body.includes('ungated');
    world.report(version, ring, 'deployed', { adopted, ...(startedAt === null ? {} : { startedAt }) });
  }
  return true;
}
