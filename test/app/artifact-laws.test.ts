import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aRule, aService } from '../support/builders.ts';
import { aWorld, OPERATOR, PIPELINE } from '../support/world.ts';

const RINGS = ['canary', 'early', 'global'] as const;
const STATED = [undefined, 'sha256:a', 'sha256:b'] as const;
const ring = fc.constantFrom(...RINGS);
const artifact = fc.constantFrom(...STATED);
const step = fc.oneof(
  fc.record({
    do: fc.constant('ask' as const),
    ring,
    artifact,
    stage: fc.constantFrom('enter' as const, 'exit' as const),
    dryRun: fc.boolean(),
    who: fc.constantFrom(PIPELINE, OPERATOR),
  }),
  fc.record({
    do: fc.constant('report' as const),
    ring,
    artifact,
    state: fc.constantFrom('deployed' as const, 'failed' as const, 'rolled-back' as const, 'abandoned' as const),
  }),
  fc.record({ do: fc.constant('wait' as const), minutes: fc.constantFrom(5, 61) }),
);

describe('the artifact, whatever is asked and reported', () => {
  it('is one for each release: nothing else, and nothing without it, is promoted or recorded from then on', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        const world = await aWorld(aService(), { errors: aRule() });
        const fixed = async () => (await world.ports.store.release('checkout', '1'))?.artifact ?? null;
        for (const each of steps) {
          const before = await fixed();
          if (each.do === 'wait') world.minutes(each.minutes);
          if (each.do === 'ask') {
            const { artifact: stated, dryRun, who: by } = each;
            const more = { dryRun, by, ...(stated === undefined ? {} : { artifact: stated }) };
            const { verdict } = await world.ask('1', each.ring, each.stage, more);
            if (before !== null && stated !== before) expect(verdict).not.toBe('promote');
            const fixes = verdict === 'promote' && !dryRun && by === PIPELINE;
            expect(await fixed()).toBe(before ?? (fixes ? (stated ?? null) : null));
          }
          if (each.do === 'report') {
            const { artifact: stated, state } = each;
            const more = { state, ...(stated === undefined ? {} : { artifact: stated }) };
            const done = world.report('1', each.ring, more);
            const refused = before !== null && stated !== undefined && stated !== before;
            if (refused) await expect(done).rejects.toMatchObject({ code: 'conflict' });
            else await done;
            expect(await fixed()).toBe(before ?? stated ?? null);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
