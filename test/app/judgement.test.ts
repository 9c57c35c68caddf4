import { describe, expect, it } from 'vitest';
import type { DecisionDocument } from '../../src/app/documents.ts';
import type { Measurement } from '../../src/domain/measurement.ts';
import type { RuleDocument } from '../../src/domain/rule.ts';
import type { ServiceDocument } from '../../src/domain/service.ts';
import { aProvider, aRingRule, aRule, aService, aServiceRule } from '../support/builders.ts';
import { requestBy } from '../support/memory-ports.ts';
import { aWorld, counts, OPERATOR, type World } from '../support/world.ts';

/** Edges of the judgement, each found by breaking it: remove the guard and one of these fails. */
const causes = (decision: DecisionDocument, as: string | null) =>
  decision.findings.filter((f) => f.countedAs === as).map((f) => f.cause);
const value = (text: string): Measurement => ({ kind: 'value', value: text });

async function inCanary(
  rules: Record<string, RuleDocument> = { errors: aRule() },
  plan: Partial<ServiceDocument> = {},
): Promise<World> {
  const world = await aWorld(aService(plan), rules);
  await world.ask('1', 'canary');
  await world.report('1', 'canary', { state: 'deployed' });
  return world;
}

async function prove(world: World, version: string, ring: string): Promise<void> {
  await world.ask(version, ring);
  await world.report(version, ring, { state: 'deployed' });
  world.minutes(61);
  expect((await world.ask(version, ring, 'exit')).verdict).toBe('promote');
}

describe('What counts as a predecessor', () => {
  it('is no ring that the release was taken out of', async () => {
    const world = await inCanary();
    world.minutes(61);
    await world.ask('1', 'canary', 'exit');
    await world.report('1', 'canary', { state: 'abandoned' });
    expect(causes(await world.ask('1', 'early'), 'hold')).toContain('previous-ring-missing');
  });

  it('is no ring that was proven before the release had to start again', async () => {
    const world = await inCanary();
    await prove(world, '1', 'canary');
    await prove(world, '1', 'early');
    await world.report('1', 'early', { state: 'rolled-back' });
    await world.report('1', 'canary', { state: 'rolled-back' });
    const decision = await world.ask('1', 'early');
    expect(decision.live).toEqual([]);
    expect(causes(decision, 'hold')).toContain('previous-ring-missing');
  });

  it('is not proven by a plan that only advises, however often it is told promote', async () => {
    const world = await aWorld(aService({ enforcement: 'advise' }), { errors: aRule() });
    world.answer = () => ({ kind: 'no-data' });
    await world.ask('1', 'canary');
    expect((await world.ask('1', 'early')).verdict).toBe('promote');
    await world.put('service', 'checkout', aService());
    expect((await world.ask('1', 'early')).verdict).toBe('hold');
  });

  it('is not proven by an operator who asks', async () => {
    const world = await inCanary();
    world.minutes(20);
    expect((await world.ask('1', 'early', 'enter', { by: OPERATOR })).verdict).toBe('promote');
    expect((await world.ports.store.lives('checkout', '1')).map((life) => life.phase)).toEqual(['live']);
  });

  it('needs a rule that counts: one that only observes measures nothing', async () => {
    const world = await inCanary({ errors: aRule({ mode: 'observe' }) });
    world.minutes(20);
    expect(causes(await world.ask('1', 'canary', 'exit'), 'hold')).toEqual(['nothing-measured']);
  });
});

describe('A proof that was superseded', () => {
  /** '1' is proven in canary, goes on to early, and '2' takes canary over. */
  const overtaken = async (): Promise<World> => {
    const world = await inCanary();
    await prove(world, '1', 'canary');
    await world.ask('1', 'early');
    await world.report('1', 'early', { state: 'deployed' });
    await prove(world, '2', 'canary');
    return world;
  };

  it('still lets the release go on', async () => {
    const world = await overtaken();
    world.minutes(61);
    expect((await world.ask('1', 'global')).verdict).toBe('promote');
  });

  it('no longer counts after the release had to start again, neither for itself nor as a way back', async () => {
    const world = await overtaken();
    await world.report('1', 'early', { state: 'rolled-back' });
    expect(causes(await world.ask('1', 'early'), 'hold')).toContain('previous-ring-missing');
    await world.report('2', 'canary', { state: 'failed' });
    expect((await world.ask('2', 'canary')).rollback?.to).toEqual({ canary: null });
  });

  it('is no reason to restore a release that is marked', async () => {
    const world = await overtaken();
    world.answer = counts(100, 1000);
    world.minutes(5);
    expect((await world.ask('1', 'early', 'exit')).verdict).toBe('rollback');
    expect((await world.report('1', 'canary', { state: 'deployed' })).ungated).toBe(true);
  });
});

describe('What rolls back', () => {
  it.each([
    [9, 'hold'],
    [10, 'rollback'],
  ])('needs minBad bad events: with %i of 100 it is %s', async (bad, verdict) => {
    const world = await inCanary();
    world.answer = counts(bad, 100);
    world.minutes(5);
    expect((await world.ask('1', 'canary')).verdict).toBe(verdict);
  });

  it.each([
    [9, 'rollback'],
    [20, 'hold'],
  ])(
    'by a ring rule needs the release to have entered within the window: %i minutes after it is %s',
    async (after, verdict) => {
      const world = await inCanary({ ring: aRingRule() });
      world.answer = counts(100, 1000);
      world.minutes(after);
      expect((await world.ask('1', 'canary')).verdict).toBe(verdict);
    },
  );

  it('is not a release whose ring another one is just being deployed to', async () => {
    const world = await inCanary({ ring: aRingRule() }, { concurrency: 'supersede' });
    world.minutes(2);
    await world.ask('2', 'canary');
    world.answer = counts(100, 1000);
    world.minutes(4);
    expect(causes(await world.ask('1', 'canary', 'exit'), 'hold')).toContain('objective-at-risk');
  });

  it('is not a release whose ring another one failed in half way', async () => {
    const world = await aWorld(aService(), { ring: aRingRule() });
    await world.ask('1', 'canary');
    await world.report('1', 'canary', { state: 'failed' });
    await world.ask('2', 'canary');
    await world.report('2', 'canary', { state: 'deployed' });
    world.answer = counts(100, 1000);
    world.minutes(4);
    expect(causes(await world.ask('2', 'canary', 'exit'), 'hold')).toContain('objective-at-risk');
  });

  it('is not a release that shares the measured label with a ring that another one has just entered', async () => {
    const rings = [
      { name: 'canary', bake: '1m', labels: { region: 'eu' } },
      { name: 'early', bake: '1m', labels: { region: 'eu' } },
    ];
    const byLabel = (code: string) => `sum(increase(requests{region="\${labels.region}"${code}}[\${window}]))`;
    const indicator = { kind: 'ratio', provider: 'main', bad: byLabel(',code=~"5.."'), total: byLabel('') } as const;
    const world = await aWorld(aService({ rings }), { eu: aRule({ indicator }) });
    await world.ask('1', 'canary');
    await world.report('1', 'canary', { state: 'deployed' });
    world.minutes(30);
    await world.ask('1', 'early');
    await world.ask('2', 'canary');
    await world.report('1', 'early', { state: 'deployed' });
    await world.report('2', 'canary', { state: 'deployed' });
    world.answer = counts(100, 1000);
    world.minutes(5);
    expect((await world.ask('2', 'canary', 'exit')).verdict).toBe('hold');
  });

  it('is judged with the provider’s delay: who entered within what was measured counts', async () => {
    const world = await aWorld(
      aService({ concurrency: 'supersede' }),
      { ring: aRingRule() },
      aProvider({ delay: '5m' }),
    );
    await world.ask('1', 'canary');
    await world.report('1', 'canary', { state: 'deployed' });
    world.minutes(3);
    await world.ask('2', 'canary');
    await world.report('2', 'canary', { state: 'deployed' });
    world.answer = counts(100, 1000);
    world.minutes(9);
    expect((await world.ask('2', 'canary', 'exit')).verdict).toBe('hold');
  });

  it('is no release for what a threshold remembers from before it', async () => {
    const indicator = { kind: 'threshold', provider: 'main', query: 'max(rate(slow{ring="${ring}"}[30m]))' } as const;
    const world = await inCanary({ slow: { indicator, limits: { rollback: { above: 1 }, for: '2m' } } });
    world.answer = (question) => value(question.part === 'age' ? '1' : '2');
    world.minutes(5);
    expect(causes(await world.ask('1', 'canary'), 'hold')).toContain('objective-at-risk');
  });

  it('is no service-wide breach, and the finding says why', async () => {
    const world = await inCanary({ whole: aServiceRule({ limits: { window: '10m', rollback: { above: 0.05 } } }) });
    world.answer = counts(900, 1000);
    const finding = (await world.ask('1', 'canary')).findings.find((f) => f.rule === 'whole');
    expect(finding).toMatchObject({ countedAs: 'hold', evidence: { obstacles: ['service-wide'] } });
  });

  it('takes back only where it failed when nothing but a deployment has failed', async () => {
    const world = await inCanary();
    world.minutes(61);
    await world.ask('1', 'early');
    await world.report('1', 'early', { state: 'failed' });
    const decision = await world.ask('1', 'early');
    expect(decision.rollback?.rings).toEqual(['early']);
    expect(causes(await world.ask('2', 'canary'), 'rollback')).toEqual([]);
  });
});

describe('What holds', () => {
  it('is harm in a proven ring, also while there are few events', async () => {
    const world = await inCanary();
    await prove(world, '1', 'canary');
    world.answer = counts(99, 99);
    expect(causes(await world.ask('1', 'early'), 'hold')).toContain('too-few-events');
    world.answer = counts(1, 99);
    expect((await world.ask('1', 'early')).verdict).toBe('promote');
  });

  it('is silence in a ring that has baked, not in one that has just been entered', async () => {
    const world = await inCanary();
    await prove(world, '1', 'canary');
    world.answer = () => ({ kind: 'no-data' });
    expect(causes(await world.ask('1', 'early'), 'hold')).toContain('no-data');
  });

  it('is a selector that is old beside one that is fresh', async () => {
    const total =
      'sum(increase(a{version="${version}"}[${window}])) + sum(increase(b{version="${version}"}[${window}]))';
    const bad = 'sum(increase(a{version="${version}",code="500"}[${window}]))';
    const world = await inCanary({ errors: aRule({ indicator: { kind: 'ratio', provider: 'main', bad, total } }) });
    world.minutes(20);
    world.answer = (question) => {
      if (question.part === 'age') return value(question.query.includes('b{') ? '900' : '1');
      return value(question.part === 'bad' ? '0' : '1000');
    };
    expect(causes(await world.ask('1', 'canary', 'exit'), 'hold')).toContain('stale-data');
  });

  it('is a count of good events that has stopped while the total goes on', async () => {
    const good = 'sum(increase(good{version="${version}"}[${window}]))';
    const total = 'sum(increase(lb{version="${version}"}[${window}]))';
    const world = await inCanary({ errors: aRule({ indicator: { kind: 'ratio', provider: 'main', good, total } }) });
    world.minutes(20);
    world.answer = (question) => {
      if (question.part === 'age') return question.query.includes('good') ? { kind: 'no-data' } : value('1');
      return value(question.part === 'good' ? '600' : '1000');
    };
    expect(causes(await world.ask('1', 'canary', 'exit'), 'hold')).toContain('stale-data');
  });

  it('is a provider that refuses our credential, and somebody has to mend that', async () => {
    const world = await inCanary();
    world.answer = () => ({ kind: 'unavailable', reason: 'unauthorized', detail: '401' });
    world.minutes(20);
    const finding = (await world.ask('1', 'canary', 'exit')).findings.find((f) => f.rule === 'errors');
    expect(finding).toMatchObject({ cause: 'provider-unavailable', clears: 'by-person', action: { who: 'admin' } });
  });
});

describe('Evidence', () => {
  it('never reaches back behind the end of the release’s previous life in that ring', async () => {
    const world = await inCanary();
    world.minutes(5);
    world.answer = counts(500, 1000);
    expect((await world.ask('1', 'canary')).verdict).toBe('rollback');
    await world.clear('1');
    await world.ask('1', 'canary');
    await world.report('1', 'canary', { state: 'deployed' });
    world.minutes(3);
    const finding = (await world.ask('1', 'canary', 'exit')).findings.find((f) => f.rule === 'errors');
    expect(finding?.evidence.windows).toMatchObject([{ window: '3m' }]);
    expect(finding?.evidence.lasting).toMatchObject([{ value: '0.5' }, { value: '0.5' }]);
  });
});

describe('Reports', () => {
  it('restore nothing that is marked', async () => {
    const world = await inCanary();
    await prove(world, '1', 'canary');
    await world.report('1', 'canary', { state: 'rolled-back', reason: 'bad' });
    expect((await world.report('1', 'canary', { state: 'deployed' })).ungated).toBe(true);
  });

  it('after the lease are late, and gated once the beginning is known', async () => {
    const world = await aWorld(aService({ deployments: 'reported' }), { errors: aRule() });
    await world.ask('1', 'canary');
    const startedAt = await world.ports.store.now();
    world.minutes(16);
    const late = await world.report('1', 'canary', { state: 'deployed' });
    expect(late).toMatchObject({ ungated: false, late: true, life: { origin: 'late' } });
    const gated = await world.report('1', 'canary', { state: 'deployed', startedAt });
    expect(gated).toMatchObject({ late: false, life: { n: 1, origin: 'gated', startedAt } });
  });

  it('of a failure sent twice keep the lease', async () => {
    const world = await aWorld(aService(), { errors: aRule() });
    await world.ask('1', 'canary');
    await world.report('1', 'canary', { state: 'failed' });
    await world.report('1', 'canary', { state: 'failed' });
    expect((await world.report('1', 'canary', { state: 'deployed' })).ungated).toBe(false);
  });

  it('end every life of the release in that ring, also one behind a promise', async () => {
    const world = await inCanary();
    await world.report('1', 'canary', { state: 'abandoned' });
    await world.report('1', 'early', { state: 'deployed' });
    await world.report('1', 'canary', { state: 'deployed' }, OPERATOR);
    await world.report('1', 'early', { state: 'abandoned' });
    const open = (await world.ports.store.lives('checkout', '1')).filter(
      (life) => life.ring === 'early' && life.phase !== 'ended',
    );
    expect(open).toEqual([]);
  });

  it('of an operator change nothing about a life that was let in', async () => {
    const world = await inCanary();
    const report = { state: 'deployed', ungated: true, reason: 'to be sure' } as const;
    expect((await world.report('1', 'canary', report, OPERATOR)).life).toMatchObject({ origin: 'gated' });
  });

  it('under a promise make one’s own ungated life in that ring a gated one', async () => {
    const world = await aWorld(aService(), { errors: aRule() });
    await world.report('1', 'canary', { state: 'deployed' });
    expect((await world.ask('1', 'canary')).verdict).toBe('promote');
    expect((await world.report('1', 'canary', { state: 'deployed' })).life).toMatchObject({
      n: 1,
      origin: 'gated',
      phase: 'live',
    });
  });

  it('of an instant that does not exist are refused', async () => {
    const world = await inCanary();
    await expect(
      world.report('1', 'canary', { state: 'deployed', at: '2016-13-31T23:59:60Z' }, requestBy('pipeline')),
    ).rejects.toMatchObject({
      code: 'invalid-request',
    });
  });
});

describe('Leases', () => {
  it('that were renewed within a minute stand as they are, so that a herd of asks changes nothing', async () => {
    const world = await aWorld(aService(), { errors: aRule() });
    const first = await world.ask('1', 'canary');
    world.minutes(0.5);
    const before = world.ports.store.revision('service/checkout');
    expect((await world.ask('1', 'canary')).validUntil).toBe(first.validUntil);
    expect(world.ports.store.revision('service/checkout')).toBe(before);
    world.minutes(2);
    expect((await world.ask('1', 'canary')).validUntil).not.toBe(first.validUntil);
    expect(world.ports.store.revision('service/checkout')).toBe(before + 1);
  });
});
