import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DecisionBody, decisionBody } from '../../src/app/decision-record.ts';
import { overrideUses } from '../../src/app/override-uses.ts';
import type { Controls, Override } from '../../src/domain/controls.ts';
import type { Facts } from '../../src/domain/facts.ts';
import { evaluateGate } from '../../src/domain/gate.ts';
import { aRule, aService } from '../support/builders.ts';
import { aWorld, counts } from '../support/world.ts';

/** A release that would enter `early` but for its bake time and a missing measurement, with these overrides. */
async function asked(...overrides: readonly Partial<Override>[]): Promise<{ facts: Facts; body: DecisionBody }> {
  const world = await aWorld(aService(), { errors: aRule() });
  await world.ask('1.0', 'canary');
  await world.report('1.0', 'canary', { state: 'deployed' });
  world.answer = () => ({ kind: 'no-data' });
  world.minutes(3);
  const { id } = await world.ask('1.0', 'early');
  const body = JSON.parse((await world.ports.store.entry(id))?.body ?? '') as DecisionBody;
  const { controls } = body.facts;
  if (controls === undefined) throw new Error('no controls were recorded');
  const made = overrides.map((change, i) => anOverride({ id: `override-${i}`, ...change }));
  return { body, facts: { ...body.facts, controls: { ...controls, overrides: made } } };
}

function anOverride(change: Partial<Override>): Override {
  return {
    id: 'override',
    at: '2026-11-22T10:00:00.000Z',
    by: { id: null, name: 'ada' },
    release: 'checkout@1.0',
    rings: ['early'],
    checks: ['bake'],
    reason: 'the fix for incident 4711 cannot wait',
    incident: null,
    expiresAt: '2026-11-22T12:00:00.000Z',
    approvals: [],
    withdrawn: null,
    ...change,
  };
}

const approvedBy = (name: string) => [{ at: '2026-11-22T10:01:00.000Z', by: { id: null, name }, comment: null }];

const waived = async (...overrides: readonly Partial<Override>[]) =>
  evaluateGate((await asked(...overrides)).facts).findings.flatMap(({ check, waivedBy }) =>
    waivedBy === undefined ? [] : [`${check} by ${waivedBy}`],
  );

describe('An override', () => {
  it('counts until the instant at which it expires', async () => {
    expect(await waived({ expiresAt: '2026-11-22T10:03:00.001Z' })).toEqual(['bake by override-0']);
    expect(await waived({ expiresAt: '2026-11-22T10:03:00.000Z' })).toEqual([]);
  });

  it('counts for its rings only', async () => {
    expect(await waived({ rings: ['canary', 'global'] })).toEqual([]);
  });

  it('waives `measured` with a second person, who is not its maker under another spelling', async () => {
    const checks = ['measured'];
    expect(await waived({ checks })).toEqual([]);
    expect(await waived({ checks, approvals: approvedBy('ADA ') })).toEqual([]);
    expect(await waived({ checks, approvals: approvedBy('grace') })).toEqual(['measured by override-0']);
  });

  it('has no second person in somebody who has asked for the release, nor in anybody where many have', async () => {
    const checks = ['measured'];
    const { facts } = await asked({ checks, approvals: approvedBy('grace') });
    const waivers = (v: 1 | 2, more: Partial<Controls>) => {
      const controls = { ...(facts.controls as Controls), ...more };
      return evaluateGate({ ...facts, v, controls }).findings.flatMap(({ waivedBy }) => waivedBy ?? []);
    };
    expect(waivers(2, { askers: ['linus'] })).toEqual(['override-0']);
    expect(waivers(2, { askers: ['linus', 'GRACE'] })).toEqual([]);
    expect(waivers(2, { askedByMany: true })).toEqual([]);
    expect(waivers(1, { askers: ['linus', 'GRACE'] })).toEqual(['override-0']);
  });

  it('that lacks its second person does not stand in the way of one that has it', async () => {
    const checks = ['measured'];
    expect(await waived({ checks }, { checks, approvals: approvedBy('grace') })).toEqual(['measured by override-1']);
  });

  it('means nothing else by a star than what one person may waive', async () => {
    expect(await waived({ checks: ['*'], approvals: approvedBy('grace') })).toEqual([
      'bake by override-0',
      'rule by override-0',
    ]);
  });

  it('leaves what it does not name as it was', async () => {
    const { facts } = await asked({});
    const findings = evaluateGate(facts).findings.filter(({ countedAs }) => countedAs === 'hold');
    expect(findings.map(({ cause }) => cause)).toEqual(['no-data', 'nothing-measured']);
  });

  it('changes nothing in records from before there were overrides, nor do people and calendars', async () => {
    const { controls: _, ...before } = (await asked({})).facts;
    const checks = new Set(evaluateGate(before).findings.map(({ check }) => check));
    for (const check of ['freeze', 'halt', 'approval'] as const) expect(checks).not.toContain(check);
  });
});

describe('The use of an override', () => {
  it('is none in a decision that could not be taken because everything kept changing', async () => {
    const { body, facts } = await asked({ checks: ['*', 'measured'], approvals: approvedBy('grace') });
    const taken = (attempts: number) => decisionBody(body.id, { ...body, attempts }, facts);
    expect(overrideUses(taken(1))).toMatchObject([
      { override: 'override-0', checks: ['bake', 'rule/errors', 'measured'] },
    ]);
    expect(overrideUses(taken(4))).toEqual([]);
  });
});

const checks = fc.subarray([
  '*',
  'rule',
  'rule/errors',
  'rule/other',
  'bake',
  'measured',
  'rollback',
  'halt',
  'order',
  'occupancy',
]);
const anyOverride = fc.record<Partial<Override>>({
  checks,
  rings: fc.subarray(['canary', 'early']),
  expiresAt: fc.constantFrom('2026-11-22T10:10:00.000Z', '2026-11-22T10:30:00.000Z'),
  approvals: fc.constantFrom([], approvedBy('Ada'), approvedBy('grace')),
});

describe('Whatever overrides there are', () => {
  it.each([
    ['harm', 500],
    ['risk', 30],
  ])('a finding of %s stays what it is, and counts as promote only by one that says so and may', async (_what, bad) => {
    const world = await aWorld(aService(), { errors: aRule() });
    await world.ask('1.0', 'canary');
    await world.report('1.0', 'canary', { state: 'deployed' });
    world.minutes(12);
    world.answer = counts(bad, 1000);
    const { id } = await world.ask('1.0', 'early', 'enter', { dryRun: true });
    const { facts } = JSON.parse((await world.ports.store.entry(id))?.body ?? '') as DecisionBody;
    const plain = evaluateGate(facts);
    let waivers = 0;
    fc.assert(
      fc.property(fc.array(anyOverride, { maxLength: 4 }), (changes) => {
        const overrides = changes.map((change, i) => anOverride({ id: `override-${i}`, ...change }));
        const controls = { freezes: [], halts: [], approvals: [], askers: [], overrides };
        const { findings, verdict } = evaluateGate({ ...facts, controls });
        expect(findings.map(({ countedAs: _c, waivedBy: _w, ...rest }) => rest)).toEqual(
          plain.findings.map(({ countedAs: _c, ...rest }) => rest),
        );
        for (const [i, finding] of findings.entries()) {
          const before = plain.findings[i]?.countedAs;
          if (finding.waivedBy === undefined) {
            expect(finding.countedAs).toBe(before);
            continue;
          }
          waivers += 1;
          const override = overrides.find((each) => each.id === finding.waivedBy);
          expect(finding.countedAs).toBe('promote');
          expect(override?.rings).toContain('early');
          expect((override?.expiresAt ?? '') > facts.at).toBe(true);
          const strict = before === 'rollback' ? 'rollback' : finding.check === 'measured' ? 'measured' : null;
          const names = strict === null ? [finding.check, '*', `${finding.check}/${finding.rule}`] : [strict];
          expect(override?.checks.some((check) => names.includes(check))).toBe(true);
          if (strict !== null) expect(override?.approvals.map(({ by }) => by.name)).toEqual(['grace']);
        }
        const left = findings.flatMap(({ countedAs }) => (countedAs === null ? [] : [countedAs]));
        expect(verdict === 'promote').toBe(left.every((each) => each === 'promote'));
      }),
      { numRuns: 500 },
    );
    expect(waivers).toBeGreaterThan(50);
  });
});
