import { describe, expect, it } from 'vitest';
import { evaluateGate } from '../../src/domain/gate.ts';
import { aRule } from '../support/builders.ts';
import { aSituation } from '../support/situation.ts';

const AT = '2026-11-22T12:00:00.000Z';

/** What the check says of a question that states nothing about a release that began with an artifact. */
function leftOut(v: 1 | 2) {
  const situation = aSituation({ rule: aRule(), at: AT, liveAt: '2026-11-22T10:00:00.000Z' });
  const releases = situation.rollout.releases.map((release) => ({ ...release, artifact: 'sha256:a' }));
  const facts = { ...situation, v, rollout: { ...situation.rollout, releases }, measurements: [] };
  return evaluateGate(facts).findings.find(({ check }) => check === 'artifact');
}

describe('the check of the artifact', () => {
  it('judges facts of the first edition as they were judged: then it could be left out at any time', () => {
    expect(leftOut(1)).toMatchObject({ verdict: 'promote', cause: 'not-applicable' });
    expect(leftOut(2)).toMatchObject({ verdict: 'hold', cause: 'artifact-missing', clears: 'by-person' });
  });
});
