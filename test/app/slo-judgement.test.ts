import { describe, expect, it } from 'vitest';
import type { DecisionDocument } from '../../src/app/documents.ts';
import { replayEntry } from '../../src/app/replay-decision.ts';
import type { Measurement, MetricQuestion } from '../../src/domain/measurement.ts';
import type { RuleDocument } from '../../src/domain/rule.ts';
import type { ServiceDocument } from '../../src/domain/service.ts';
import { aBurnRule, aProvider, aRingRule, aRule, aService, aSloRule } from '../support/builders.ts';
import { requestBy } from '../support/memory-ports.ts';
import { type Answering, aWorld, type World } from '../support/world.ts';

/** Rules that speak in SLOs: what their windows say, and what follows. */
const value = (number: number): Measurement => ({ kind: 'value', value: String(number) });
const windowOf = ({ query }: MetricQuestion) => /\[(\w+)\]/.exec(query)?.[1] ?? '';

/** Bad and total by window; what is not named is as in the last one. */
function over(counts: Record<string, readonly [number, number] | null>): Answering {
  const last = Object.values(counts).at(-1) ?? null;
  return (question) => {
    if (question.part === 'age') return value(1);
    if (question.part === 'series') return { kind: 'no-data' };
    const found = counts[windowOf(question)];
    const [bad, total] = (found === undefined ? last : found) ?? [null, null];
    if (bad === null) return { kind: 'no-data' };
    return value(question.part === 'total' ? total : question.part === 'good' ? total - bad : bad);
  };
}

const HEALTHY = { '1h': [3, 60_000], '5m': [0, 5000], '30d': [20_000, 40_000_000] } as const;

async function aGuarded(rule: RuleDocument = aSloRule()): Promise<World> {
  const world = await aWorld(aService({ allowUnmeasured: true }), { availability: rule });
  world.answer = over(HEALTHY);
  return world;
}

async function inCanary(rule: RuleDocument, plan: Partial<ServiceDocument> = {}): Promise<World> {
  const world = await aWorld(aService(plan), { errors: rule });
  await world.ask('1', 'canary');
  await world.report('1', 'canary', { state: 'deployed' });
  return world;
}

const findingOf = (decision: DecisionDocument) => decision.findings.find((finding) => finding.check === 'rule');

describe('The burn rate of a service', () => {
  it('shows every window with its counts, ratio, burn rate and factor, and what is left of the budget', async () => {
    const finding = findingOf(await (await aGuarded()).ask('1', 'canary'));
    expect(finding).toMatchObject({ verdict: 'promote', cause: 'budget-left', countedAs: 'promote' });
    expect(finding?.evidence).toMatchObject({
      scope: 'service',
      objective: { target: '0.999', window: '30d' },
      windows: [
        { window: '1h', bad: '3', total: '60000', ratio: '0.00005', burnRate: '0.05', factor: '14.4' },
        { window: '5m', bad: '0', total: '5000', ratio: '0', burnRate: '0', factor: '14.4' },
        { window: '30d', bad: '20000', total: '40000000', ratio: '0.0005', burnRate: '0.5', factor: null },
      ],
      budget: { remaining: '0.5', badLeft: '20000', exhaustedAt: null },
    });
    expect(finding?.because).toBe(
      'availability: 50% of the 30d budget is left; errors come at 0.05 times the sustainable rate over 1h.',
    );
  });

  it('asks each window once, all at one instant, and counts apart from totals', async () => {
    const world = await aGuarded(aSloRule({ burnRates: 'google-30d' }));
    const asked: MetricQuestion[] = [];
    world.answer = (question) => {
      asked.push(question);
      return over(HEALTHY)(question);
    };
    await world.ask('1', 'canary');
    const windows = asked.filter(({ part }) => part === 'total').map(windowOf);
    expect(windows).toEqual(['1h', '5m', '6h', '30m', '1d', '2h', '3d', '30d']);
    expect(asked.filter(({ part }) => part === 'bad').map(windowOf)).toEqual(windows);
    expect(new Set(asked.map(({ at }) => at)).size).toBe(1);
    expect(new Set(asked.map(({ id }) => id)).size).toBe(asked.length);
  });

  it.each([
    ['both windows', [900, 60_000], [80, 5000], 'burning'],
    ['the long one only: it is over', [900, 60_000], [72, 5000], 'budget-left'],
    ['the short one only', [864, 60_000], [500, 5000], 'budget-left'],
  ] as const)('holds above the factor in %s', async (_what, long, short, cause) => {
    const world = await aGuarded();
    world.answer = over({ ...HEALTHY, '1h': long, '5m': short });
    expect(findingOf(await world.ask('1', 'canary'))?.cause).toBe(cause);
  });

  it('says at night what happens, how fast and until when', async () => {
    const world = await aGuarded();
    world.answer = over({ ...HEALTHY, '1h': [876, 60_000], '5m': [80, 5000] });
    const finding = findingOf(await world.ask('1', 'canary'));
    expect(finding).toMatchObject({ countedAs: 'hold', clears: 'by-data' });
    expect(finding?.because).toBe(
      'availability: errors come at 14.6 times the sustainable rate over 1h (16 over 5m); the limit is 14.4; the 30d budget is gone in about 1d39m.',
    );
    expect(finding?.needs).toBe('Errors have to stop; after that it clears within 5m.');
    const { at, budget } = (finding?.evidence ?? {}) as { at: string; budget: { exhaustedAt: string } };
    const hours = (Date.parse(budget.exhaustedAt) - Date.parse(at)) / 3_600_000;
    expect(hours).toBeCloseTo((0.5 * 720) / 14.6, 2);
  });

  it('holds also while another ring is asked for, and only where it guards', async () => {
    const world = await aGuarded(aSloRule({ guards: ['early'] }));
    world.answer = over({ '1h': [60_000, 60_000] });
    expect(findingOf(await world.ask('1', 'canary'))?.cause).toBe('not-applicable');
  });
});

describe('The budget of a service', () => {
  const spent = { ...HEALTHY, '30d': [37_000, 40_000_000] } as const;

  it('holds below its least share, with the words for it', async () => {
    const world = await aGuarded();
    world.answer = over(spent);
    const decision = await world.ask('1', 'canary');
    const finding = findingOf(decision);
    expect(finding).toMatchObject({ countedAs: 'hold', cause: 'budget-exhausted', clears: 'by-data' });
    expect(finding?.because).toBe('availability: 7.5% of the 30d budget is left, less than the 10% that must be.');
    expect(finding?.needs).toBe(
      'Enough is left again in about 19h3m at the present rate as old errors leave the window, if they are spread evenly in it. Changes of class emergency and security pass all the same.',
    );
    const hours = (Date.parse(finding?.clearsAt ?? '') - Date.parse(String(finding?.evidence.at))) / 3_600_000;
    const left = (719 - hours) / 719;
    const bad = 36_997 * left + 3 * (1 + hours);
    const total = 39_940_000 * left + 60_000 * (1 + hours);
    expect(1 - bad / total / 0.001).toBeCloseTo(0.1, 6);
    expect(decision.earliestPromoteAt).toBe(finding?.clearsAt);
  });

  it.each([
    [
      'errors go on as fast',
      { burnRates: 'google-30d' },
      [60, 60_000],
      'it does not recover: errors have to become fewer',
    ],
    ['only the period is known', { burnRates: undefined }, [0, 60_000], 'counts alone cannot tell when they do'],
  ] as const)('does not say when it is back where %s', async (_what, rule, lately, needs) => {
    const { burnRates: _, ...without } = aSloRule();
    const world = await aGuarded({ ...without, ...(rule.burnRates && { burnRates: rule.burnRates }) });
    world.answer = over({ ...spent, '1h': lately, '5m': [0, 5000], '6h': lately, '30d': spent['30d'] });
    const finding = findingOf(await world.ask('1', 'canary'));
    expect(finding).toMatchObject({ cause: 'budget-exhausted', needs: expect.stringContaining(needs) });
    expect(finding?.clearsAt).toBeUndefined();
  });

  it('may be overspent: the share that is left is negative', async () => {
    const world = await aGuarded();
    world.answer = over({ ...HEALTHY, '30d': [49_200, 40_000_000] });
    const finding = findingOf(await world.ask('1', 'canary'));
    expect(finding?.evidence.budget).toMatchObject({ remaining: '-0.23', badLeft: '-9200', exhaustedAt: null });
    expect(finding?.because).toBe('availability: the 30d budget is overspent by 23%.');
  });

  it.each([
    ['emergency', 'tolerated', 'promote'],
    ['standard', 'budget-exhausted', 'hold'],
  ])('is for a change of class %s %s', async (change, cause, verdict) => {
    const world = await aGuarded();
    world.answer = over(spent);
    const by = requestBy('pipeline', ['standard', 'emergency']);
    const decision = await world.ask('1', 'canary', 'enter', { by, change });
    expect(findingOf(decision)).toMatchObject({
      cause,
      countedAs: verdict,
      evidence: { budget: { remaining: '0.075' } },
    });
  });

  it('does not exempt from burning', async () => {
    const world = await aGuarded();
    world.answer = over({ ...spent, '1h': [6000, 60_000], '5m': [500, 5000] });
    const by = requestBy('pipeline', ['standard', 'security']);
    const decision = await world.ask('1', 'canary', 'enter', { by, change: 'security' });
    expect(findingOf(decision)).toMatchObject({ cause: 'burning', countedAs: 'hold' });
    const standard = findingOf(await world.ask('1', 'canary'));
    expect(standard?.evidence.also).toEqual(['budget-exhausted']);
    expect(standard?.because).toContain('Also, 7.5% of the 30d budget is left');
  });

  it('of a calendar month is counted from its beginning, and says when enough is back', async () => {
    const objective = { target: 0.999, window: { calendar: 'month', timeZone: 'UTC' } } as const;
    const world = await aGuarded(aSloRule({ objective }));
    const asked: string[] = [];
    world.answer = (question) => {
      if (question.part === 'total') asked.push(windowOf(question));
      return over({ '1h': [0, 60_000], '5m': [0, 5000], month: [950, 1_000_000] })(question);
    };
    const decision = await world.ask('1', 'canary');
    const elapsed = Date.parse(decision.decidedAt) - Date.parse('2026-11-01T00:00:00Z');
    expect(asked.at(-1)).toMatch(/^21d\d+h/);
    const finding = findingOf(decision);
    expect(finding).toMatchObject({ cause: 'budget-exhausted', evidence: { budget: { remaining: '0.05' } } });
    expect(finding?.because).toContain('5% of the budget of this month is left');
    const back = (Date.parse(finding?.clearsAt ?? '') - Date.parse(decision.decidedAt)) / elapsed;
    expect(back).toBeCloseTo(0.05 / 0.9, 3);
  });

  it('of a month that has just begun is not made up for by a longer window', async () => {
    const objective = { target: 0.999, window: { calendar: 'month', timeZone: 'UTC' } } as const;
    const world = await aGuarded(aSloRule({ objective, burnRates: [{ long: '90d', short: '1d', factor: 2 }] }));
    world.answer = over({ '90d': [0, 1_000_000], '1d': [0, 10_000], month: [1, 40] });
    const finding = findingOf(await world.ask('1', 'canary'));
    expect(finding).toMatchObject({
      cause: 'too-few-events',
      evidence: { counted: { total: '40' }, minEvents: '300' },
    });
  });
});

describe('What is not known', () => {
  it.each([
    ['total is absent', { '1h': null }, 'no-data'],
    ['total is zero', { '1h': [0, 0], '5m': [0, 0], '30d': [0, 0] }, 'no-data'],
    ['the period is absent', { ...HEALTHY, '30d': null }, 'no-data'],
    ['the long window is absent', { ...HEALTHY, '1h': null }, 'no-data'],
  ] as const)('holds when the %s', async (_what, counts, cause) => {
    const world = await aGuarded();
    world.answer = over(counts as never);
    const decision = await world.ask('1', 'canary');
    expect(findingOf(decision)).toMatchObject({ verdict: 'hold', cause });
    expect(findingOf(decision)?.needs).toBeDefined();
  });

  it('is no lack of errors: no error series beside traffic is zero errors', async () => {
    const world = await aGuarded();
    world.answer = (question) => (question.part === 'bad' ? { kind: 'no-data' } : over(HEALTHY)(question));
    expect(findingOf(await world.ask('1', 'canary'))?.evidence.budget).toMatchObject({ remaining: '1' });
  });

  it('is an absence of good events beside traffic: never all bad', async () => {
    const good = 'sum(increase(good{service="${service}"}[${window}]))';
    const total = 'sum(increase(all{service="${service}"}[${window}]))';
    const world = await aGuarded(aSloRule({ indicator: { kind: 'ratio', provider: 'main', good, total } }));
    world.answer = (question) => (question.part === 'good' ? { kind: 'no-data' } : over(HEALTHY)(question));
    expect(findingOf(await world.ask('1', 'canary'))).toMatchObject({ cause: 'no-data', evidence: { part: 'good' } });
  });

  it('is a short window without traffic only while the long one burns', async () => {
    const world = await aGuarded();
    world.answer = over({ ...HEALTHY, '5m': null });
    expect(findingOf(await world.ask('1', 'canary'))?.cause).toBe('budget-left');
    world.answer = over({ ...HEALTHY, '1h': [1200, 60_000], '5m': [0, 0] });
    const finding = findingOf(await world.ask('1', 'canary'));
    expect(finding).toMatchObject({ countedAs: 'hold', cause: 'no-data' });
    expect(finding?.because).toContain('nothing at all was seen within 5m, so nobody can tell whether it is over');
    expect(finding?.needs).toContain('Some traffic within 5m');
  });

  it('is a short window that was not answered, whatever the long one says', async () => {
    const world = await aGuarded();
    world.answer = (question) =>
      windowOf(question) === '5m' ? { kind: 'deadline-exceeded' } : over(HEALTHY)(question);
    expect(findingOf(await world.ask('1', 'canary'))).toMatchObject({ verdict: 'hold', cause: 'deadline-exceeded' });
  });

  it('is stale data', async () => {
    const world = await aGuarded();
    world.answer = (question) => (question.part === 'age' ? value(301) : over(HEALTHY)(question));
    expect(findingOf(await world.ask('1', 'canary'))).toMatchObject({ verdict: 'hold', cause: 'stale-data' });
  });
});

describe('A release that burns', () => {
  const fast = { '1h': [60, 3000], '5m': [30, 1000], '1m': [10, 200] } as const;

  it('is rolled back when both windows have burnt for a while and still do', async () => {
    const world = await inCanary(aBurnRule());
    world.answer = over(fast);
    world.minutes(5);
    const decision = await world.ask('1', 'canary', 'exit');
    expect(decision.verdict).toBe('rollback');
    expect(findingOf(decision)).toMatchObject({ cause: 'burning-fast', evidence: { obstacles: [] } });
    expect(findingOf(decision)?.because).toBe(
      'errors: errors come at 20 times the sustainable rate over 1h (30 over 5m) in canary; the limit is 14.4; that spends a whole 30d budget in about 1d12h.',
    );
  });

  it.each<[string, Record<string, readonly [number, number]>, RuleDocument, string]>([
    ['few bad events', { '1h': [9, 400], '5m': [9, 400], '1m': [9, 90] }, aBurnRule(), 'few-bad-events'],
    ['a last minute that is fine', { ...fast, '1m': [0, 200] }, aBurnRule(), 'over'],
    [
      'a rule about the ring, in which it is not alone',
      fast,
      aBurnRule({ indicator: aRingRule().indicator }),
      'not-attributable',
    ],
  ])('only holds with %s', async (_what, counts, rule, obstacle) => {
    const world = await inCanary(rule, { concurrency: 'supersede' });
    if (obstacle === 'not-attributable') await world.ask('2', 'canary');
    world.minutes(5);
    world.answer = over(counts);
    const finding = findingOf(await world.ask('1', 'canary', 'exit'));
    expect(finding).toMatchObject({ cause: 'burning', countedAs: 'hold' });
    expect(finding?.evidence.obstacles).toContain(obstacle);
    expect(finding?.needs).toMatch(/^No rollback, because .+\. Errors have to stop; after that it clears within/);
  });

  it('only holds as long as it has not lasted', async () => {
    const world = await inCanary(aBurnRule());
    world.minutes(5);
    const now = Date.parse(await world.ports.store.now());
    world.answer = (question) => over(now - Date.parse(question.at) > 100_000 ? { '1h': [0, 3000] } : fast)(question);
    const finding = findingOf(await world.ask('1', 'canary', 'exit'));
    expect(finding).toMatchObject({ cause: 'burning', evidence: { obstacles: ['not-lasting'] } });
  });

  it('holds once it has settled', async () => {
    const world = await inCanary(aBurnRule(), { rings: [{ name: 'canary', bake: '1m' }], rollbackWithin: '1h' });
    world.minutes(61);
    world.answer = over(fast);
    const finding = findingOf(await world.ask('1', 'canary', 'exit'));
    expect(finding).toMatchObject({ verdict: 'hold', cause: 'objective-breached', evidence: { settled: true } });
    expect(finding?.needs).toContain('has settled');
  });

  it('is looked at no further back than the end of its previous life', async () => {
    const world = await inCanary(aBurnRule());
    world.answer = over(fast);
    world.minutes(5);
    expect((await world.ask('1', 'canary', 'exit')).verdict).toBe('rollback');
    await world.clear('1');
    await world.ask('1', 'canary');
    await world.report('1', 'canary', { state: 'deployed' });
    world.minutes(4);
    const finding = findingOf(await world.ask('1', 'canary', 'exit'));
    expect(finding?.evidence.windows).toMatchObject([{ window: '4m', factor: '14.4' }]);
    expect(finding?.evidence.burnRates).toMatchObject([{ long: '4m', short: '4m' }]);
  });

  it('counts by its mode', async () => {
    const world = await inCanary(aBurnRule({ mode: 'hold-only' }));
    world.answer = over(fast);
    world.minutes(5);
    expect(findingOf(await world.ask('1', 'canary', 'exit'))).toMatchObject({ verdict: 'rollback', countedAs: 'hold' });
  });

  it('may be judged by limits as well: the worst of both counts', async () => {
    const world = await inCanary(aBurnRule({ limits: { window: '10m', hold: { above: 0.001 } } }));
    world.minutes(16);
    world.answer = over({ '10m': [4, 2000], '1h': [4, 2000], '5m': [0, 1000] });
    expect(findingOf(await world.ask('1', 'canary', 'exit'))).toMatchObject({ cause: 'objective-at-risk' });
    world.answer = over({ '10m': [1, 2000], '1h': [1, 2000], '5m': [0, 1000] });
    const decision = await world.ask('1', 'canary', 'exit');
    expect(findingOf(decision)).toMatchObject({ cause: 'objective-met' });
    expect(decision.verdict).toBe('promote');
  });
});

describe('Little traffic', () => {
  const quiet = { 'too-few-events': { promoteAfter: '24h' } };

  it('needs as many events as the target asks for, counted over the longest window', async () => {
    const world = await inCanary(aBurnRule());
    world.minutes(20);
    world.answer = over({ '1h': [0, 299], '5m': [0, 20] });
    const finding = findingOf(await world.ask('1', 'canary', 'exit'));
    expect(finding).toMatchObject({
      cause: 'too-few-events',
      evidence: { minEvents: '300', missing: '1', reachable: true },
    });
    expect(finding?.because).toBe('errors: 299 of the 300 events needed have been seen within 1h in canary.');
    world.answer = over({ '1h': [0, 300], '5m': [0, 20] });
    expect((await world.ask('1', 'canary', 'exit')).verdict).toBe('promote');
  });

  it('that will never be enough is told, with every way out', async () => {
    const world = await inCanary(aBurnRule());
    world.minutes(120);
    world.answer = over({ '1h': [0, 12], '5m': [0, 1] });
    const finding = findingOf(await world.ask('1', 'canary', 'exit'));
    for (const way of ['minEvents', 'widen the window', 'test traffic', 'uncertain.promoteAfter', 'allowUnmeasured'])
      expect(finding?.needs).toContain(way);
  });

  it.each([
    ['some traffic and nothing bad', [0, 12], 24 * 60, 'tolerated'],
    ['not long enough', [0, 12], 24 * 60 - 2, 'too-few-events'],
    ['one bad event', [1, 12], 48 * 60, 'too-few-events'],
    ['no traffic at all', [0, 0], 48 * 60, 'no-data'],
  ] as const)('may be let pass after a while: with %s', async (_what, counts, minutes, cause) => {
    const world = await inCanary(aBurnRule({ uncertain: quiet }));
    world.minutes(minutes);
    world.answer = over({ '1h': counts });
    expect(findingOf(await world.ask('1', 'canary', 'exit'))?.cause).toBe(cause);
  });

  it('that is tolerated proves nothing, and the way out is told', async () => {
    const world = await inCanary(aBurnRule({ uncertain: quiet }));
    world.minutes(25 * 60);
    world.answer = over({ '1h': [0, 12] });
    const decision = await world.ask('1', 'canary', 'exit');
    expect(decision.verdict).toBe('hold');
    const measured = decision.findings.find((finding) => finding.check === 'measured');
    expect(measured).toMatchObject({
      cause: 'nothing-measured',
      clears: 'by-person',
      evidence: { tolerated: ['errors'] },
    });
    expect(measured?.needs).toContain('allowUnmeasured');
    await world.put('service', 'checkout', aService({ allowUnmeasured: true }));
    expect((await world.ask('1', 'canary', 'exit')).verdict).toBe('promote');
  });

  it('clears when the wait is over, and says when that is', async () => {
    const world = await inCanary(aBurnRule({ uncertain: quiet }), { allowUnmeasured: true });
    world.minutes(16);
    world.answer = over({ '1h': [0, 2] });
    const finding = findingOf(await world.ask('1', 'canary', 'exit'));
    expect(finding).toMatchObject({ cause: 'too-few-events', clears: 'by-time' });
    world.minutes((Date.parse(finding?.clearsAt ?? '') - Date.parse(await world.ports.store.now())) / 60_000);
    expect((await world.ask('1', 'canary', 'exit')).verdict).toBe('promote');
  });

  it('with bad events in it is not waited out', async () => {
    const world = await inCanary(aRule({ uncertain: quiet }));
    world.minutes(25 * 60);
    world.answer = over({ '10m': [3, 12] });
    expect(findingOf(await world.ask('1', 'canary', 'exit'))?.cause).toBe('too-few-events');
  });
});

describe('A provider that is behind', () => {
  it('is asked about the time it knows of, floored to ten seconds', async () => {
    const world = await aWorld(aService(), { availability: aSloRule() }, aProvider({ delay: '65s' }));
    world.answer = over(HEALTHY);
    const decision = await world.ask('1', 'canary');
    const expected = Math.floor((Date.parse(decision.decidedAt) - 65_000) / 10_000) * 10_000;
    expect(Date.parse(String(findingOf(decision)?.evidence.at))).toBe(expected);
  });
});

describe('The record of such a decision', () => {
  it('is recomputed from its facts, byte for byte', async () => {
    const calendar = { target: 0.999, window: { calendar: 'month', timeZone: 'America/Santiago' } } as const;
    for (const rule of [aSloRule(), aSloRule({ burnRates: 'google-28d', objective: calendar })]) {
      const world = await aGuarded(rule);
      for (const counts of [HEALTHY, { ...HEALTHY, '1h': [6000, 60_000] }, { '1h': null }] as const) {
        world.answer = over(counts as never);
        await world.ask('1', 'canary');
        const body = world.ports.store.commits.at(-1)?.entry.body ?? '';
        expect(replayEntry(body, '9.9.9')).toMatchObject({ verdictIdentical: true, bytesIdentical: true });
      }
    }
  });
});
