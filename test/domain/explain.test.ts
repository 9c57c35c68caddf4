import { describe, expect, it } from 'vitest';
import { halt } from '../../src/app/halts.ts';
import type { Decision } from '../../src/domain/decision.ts';
import { explain } from '../../src/domain/explain.ts';
import type { ExplainedFinding } from '../../src/domain/finding.ts';
import type { FreezeDocument } from '../../src/domain/freeze.ts';
import { aService } from '../support/builders.ts';
import { corpus } from '../support/corpus.ts';
import { aWorld, OPERATOR } from '../support/world.ts';

/** Every counted hold of the recorded decisions, and of what people and calendars say. */
async function everyHold(): Promise<readonly ExplainedFinding[]> {
  const recorded = corpus().flatMap(({ body }) => {
    const { decision, release } = JSON.parse(body) as { decision: Decision; release: string };
    return decision.findings.map((finding) => explain(finding, release));
  });
  return [...recorded, ...(await controlled())].filter(({ countedAs }) => countedAs === 'hold');
}

async function controlled(): Promise<readonly ExplainedFinding[]> {
  const [canary, ...others] = aService().rings;
  const world = await aWorld(
    aService({ rings: [{ name: 'canary', ...canary, bake: '15m', approvals: 2 }, ...others] }),
    {},
  );
  const window = (kind: FreezeDocument['kind'], day: number): FreezeDocument => ({
    ...{ kind, timeZone: 'UTC', scope: { services: ['*'], rings: ['canary'] } },
    ...{ start: `2026-11-${day}T00:00:00`, end: `2026-11-${day + 1}T00:00:00` },
  });
  await world.put('freeze', 'sunday', window('freeze', 22));
  await world.put('freeze', 'tuesday', window('allow', 24));
  await halt(world.ports, OPERATOR, { scope: { everything: true }, reason: 'looking' });
  return (await world.ask('1.0.0', 'canary')).findings;
}

describe('a hold', () => {
  it('always says in words what is missing', async () => {
    const holds = await everyHold();
    const causes = new Set(holds.map(({ cause }) => cause));
    for (const cause of [
      'frozen',
      'outside-allowed-window',
      'halted',
      'approval-missing',
      'baking',
      'no-data',
    ] as const)
      expect(causes).toContain(cause);
    expect(causes.size).toBeGreaterThanOrEqual(16);
    for (const { check, cause, needs } of holds) {
      expect({ check, cause, needs }).toEqual({ check, cause, needs: expect.stringMatching(/^\S.+\.$/) });
      expect(needs).not.toMatch(/undefined|null|NaN/);
    }
  });

  it('always says what can clear it: an instant where time does, an action where somebody has to act', async () => {
    for (const { check, cause, clears, clearsAt, action } of await everyHold()) {
      expect({ check, cause, clears }).toEqual({ check, cause, clears: expect.stringMatching(/^(by-|never)/) });
      if (clears === 'by-time') expect({ check, cause, clearsAt }).toMatchObject({ clearsAt: expect.any(String) });
      if (clears === 'by-person' || clears === 'never') {
        expect({ check, cause, action }).toMatchObject({ action: { who: expect.any(String), do: expect.any(String) } });
      }
    }
  });
});
