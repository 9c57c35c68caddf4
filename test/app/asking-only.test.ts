import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DecisionDocument, ReportRequest } from '../../src/app/documents.ts';
import type { Measurement } from '../../src/domain/measurement.ts';
import { aRule, aService } from '../support/builders.ts';
import { aWorld, counts, type World } from '../support/world.ts';

/**
 * Clients that never report: they ask to enter, go on asking as Argo, Kargo or Flagger do, and may be aborted at any
 * moment, after which nobody asks about their release again. Then somebody comes with the next one.
 */
const RINGS = ['canary', 'early', 'global'] as const;
const OLD = ['1', '2', '3'] as const;

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      version: fc.constantFrom(...OLD),
      ring: fc.constantFrom(...RINGS),
      stage: fc.constantFrom('enter' as const, 'enter' as const, 'exit' as const),
      running: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), minutes: fc.constantFrom(1, 14, 16, 61) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('measure' as const),
      version: fc.constantFrom(...OLD),
      is: fc.constantFrom('good' as const, 'none' as const, 'risk' as const, 'bad' as const),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const BAD = { good: 0, risk: 20, bad: 300 };

/** Each version shows what it was last told to; the newcomer is well. */
async function play(world: World, steps: readonly Step[]): Promise<void> {
  const shows = new Map<string, 'good' | 'none' | 'risk' | 'bad'>();
  world.answer = (question): Measurement => {
    const version = OLD.find((each) => question.query.includes(`version="${each}"`));
    const is = (version && shows.get(version)) ?? 'good';
    return is === 'none' ? { kind: 'no-data' } : counts(BAD[is], 1000)(question);
  };
  for (const each of steps) {
    if (each.do === 'wait') world.minutes(each.minutes);
    if (each.do === 'measure') shows.set(each.version, each.is);
    if (each.do === 'ask') {
      const running = each.stage === 'exit' && each.running ? { running: { statedAt: null } } : {};
      await world.ask(each.version, each.ring, each.stage, running);
    }
  }
}

/** What an answer tells somebody to report, for the release that is in the way. */
function reportNamedIn({ findings }: DecisionDocument): { version: string; ring: string; body: ReportRequest } | null {
  const held = findings.find(({ check, countedAs }) => check === 'occupancy' && countedAs === 'hold');
  const [, version, ring, body] =
    /^PUT \/releases\/checkout@(\S+)\/rings\/(\S+) (\{.*\})$/.exec(held?.action?.do ?? '') ?? [];
  if (version === undefined || ring === undefined || held?.clears !== 'by-person') return null;
  return { version, ring, body: JSON.parse(body ?? '') as ReportRequest };
}

/** Takes the newcomer into a ring: by asking alone, or after the one report that an answer names. Gives how many it took. */
async function enters(world: World, ring: string): Promise<number> {
  for (let reports = 0, asked = 0; asked < 60; asked += 1) {
    const decision = await world.ask('9', ring);
    if (decision.verdict === 'promote') return reports;
    const named = reportNamedIn(decision);
    if (named === null) world.minutes(5);
    else {
      await world.report(named.version, named.ring, named.body);
      reports += 1;
    }
  }
  throw new Error(`nobody gets into ${ring} any more`);
}

describe('No sequence of questions without reports', () => {
  it.each([
    ['queue', 1],
    ['supersede', 0],
  ] as const)('leaves a ring that waits for something nobody will do (%s)', async (concurrency, mostReports) => {
    let [occupied, freed] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25, size: 'max' }), async (steps) => {
        const world = await aWorld(aService({ concurrency }), { errors: aRule() });
        await play(world, steps);
        for (const ring of RINGS) {
          const first = await world.ask('9', ring, 'enter', { dryRun: true });
          occupied += first.findings.some(({ cause }) => cause === 'ring-occupied') ? 1 : 0;
          const reports = await enters(world, ring);
          expect(reports).toBeLessThanOrEqual(mostReports);
          freed += reports;
        }
      }),
      { numRuns: 60 },
    );
    expect([occupied > 0, freed > 0]).toEqual([concurrency === 'queue', concurrency === 'queue']);
  });
});
