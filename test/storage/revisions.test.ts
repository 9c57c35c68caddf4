import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge } from '../../src/storage/revisions.ts';
import { aCommit } from './commits.ts';

const scope = fc.constantFrom('global', 'service/a', 'service/b');
const numbers = fc.dictionary(scope, fc.nat({ max: 2 }), { noNullPrototype: true });
const commits = fc.array(
  fc.record({ expects: numbers, raises: fc.array(scope, { maxLength: 3 }) }).map((parts) => aCommit(parts)),
  { maxLength: 12 },
);

describe('Judging a batch', () => {
  it('comes to the same as judging its commits one after another', () => {
    fc.assert(
      fc.property(commits, numbers, (batch, standing) => {
        const together = judge(batch, standing);
        let now = standing;
        const alone = batch.map((commit) => {
          const { outcomes, raised } = judge([commit], now);
          now = { ...now, ...raised };
          return outcomes[0];
        });
        expect(together.outcomes).toEqual(alone);
        expect({ ...standing, ...together.raised }).toEqual(now);
      }),
    );
  });

  it('records only what expects nothing but what stands, and raises by one what that names', () => {
    fc.assert(
      fc.property(commits, numbers, ([commit], standing) => {
        if (commit === undefined) return;
        const { outcomes, raised, accepted } = judge([commit], standing);
        const holds = Object.entries(commit.expects).every(([name, n]) => (standing[name] ?? 0) === n);
        expect(outcomes).toEqual([holds ? 'recorded' : 'state-changed']);
        expect(accepted).toEqual(holds ? [commit] : []);
        const expected = commit.raises.map((name) => [name, (standing[name] ?? 0) + 1] as const);
        expect(raised).toEqual(holds ? Object.fromEntries(expected) : {});
      }),
    );
  });
});
