import { describe, expect, it } from 'vitest';
import { durationMs } from '../../src/domain/duration.ts';
import type { Measurement, MetricQuestion } from '../../src/domain/measurement.ts';
import type { RuleDocument } from '../../src/domain/rule.ts';
import { aBurnRule, aProvider, aRule, aService } from '../support/builders.ts';
import { aWorld, type World } from '../support/world.ts';

const value = (number: number): Measurement => ({ kind: 'value', value: String(number) });

/** One event in three fails, as far as windows can be read that are at least so long. */
const harm =
  (readable: string, distance: number | null) =>
  ({ part, query, windowMs }: MetricQuestion): Measurement => {
    if (part === 'age') return value(1);
    if (part === 'series') return { kind: 'no-data' };
    if (part === 'distance') return distance === null ? { kind: 'no-data' } : value(distance);
    const askedMs = windowMs ?? durationMs(/\[(\w+)\]/.exec(query)?.[1] ?? '0s');
    if (askedMs < durationMs(readable)) return { kind: 'no-data' };
    return value(part === 'bad' ? 400 : 1200);
  };

async function live(rule: RuleDocument, provider = aProvider()): Promise<World> {
  const world = await aWorld(aService(), { errors: rule }, provider);
  await world.ask('1', 'canary');
  await world.report('1', 'canary', { state: 'deployed' });
  world.minutes(20);
  return world;
}

async function judged(world: World) {
  const decision = await world.ask('1', 'canary', 'exit', { dryRun: true });
  const finding = decision.findings.find(({ check }) => check === 'rule');
  if (finding === undefined) throw new Error('the rule has no finding');
  return finding;
}

describe('Harm of which nobody knows whether it goes on', () => {
  it('holds until the last minutes can be read, and says what to set', async () => {
    const world = await live(aRule());
    world.answer = harm('10m', null);
    expect(await judged(world)).toMatchObject({
      verdict: 'hold',
      cause: 'insufficient-evidence',
      clears: 'by-data',
      because:
        'errors: 400 of 1200 events were bad within 10m, a share of 33.3% in canary (rollback above 0.05), but nobody can tell whether that goes on: the last 4m1s cannot be read by themselves.',
      needs:
        'No rollback until two samples of every series lie in the last 4m1s. Set scrapeInterval of the provider main to how often it scrapes.',
    });
    world.answer = harm('4m1s', null);
    expect(await judged(world)).toMatchObject({ verdict: 'rollback', evidence: { recent: { window: '4m1s' } } });
  });

  it('waits for a person where samples are known to be too far apart', async () => {
    const world = await live(aRule());
    world.answer = harm('4m1s', 150);
    expect(await judged(world)).toMatchObject({
      verdict: 'hold',
      cause: 'insufficient-evidence',
      clears: 'by-person',
      needs:
        'No rollback until two samples of every series lie in the last 4m1s. They are 2m30s apart: set scrapeInterval of the provider main to 2m30s, or "for" of the rule to at least that.',
      action: { who: 'admin', do: 'PUT /providers/main' },
    });
    await world.put('provider', 'main', aProvider({ scrapeInterval: '2m30s' }));
    expect(await judged(world)).toMatchObject({ verdict: 'rollback', evidence: { recent: { window: '5m1s' } } });
    await world.put('provider', 'main', aProvider());
    await world.put('rule', 'errors', aRule({ limits: { ...aRule().limits, for: '2m30s' } }));
    expect(await judged(world)).toMatchObject({ verdict: 'rollback', evidence: { recent: { window: '5m1s' } } });
  });

  it('holds for a pair of windows in the same way', async () => {
    const world = await live(aBurnRule());
    world.answer = harm('5m', null);
    expect(await judged(world)).toMatchObject({
      cause: 'insufficient-evidence',
      because: expect.stringMatching(/^errors: errors come at .* the last 4m1s cannot be read by themselves\.$/),
    });
    world.answer = harm('1m', 15);
    expect(await judged(world)).toMatchObject({ verdict: 'rollback', cause: 'burning-fast' });
  });

  it('is left to the own window of a rule that has no longer one than the last minutes are', async () => {
    const world = await live(aRule({ limits: { ...aRule().limits, window: '2m' } }));
    world.answer = harm('2m', 60);
    expect(await judged(world)).toMatchObject({
      verdict: 'rollback',
      evidence: { recent: { window: '1m', bad: null } },
    });
  });

  it('goes by what the provider of a Datadog says of its intervals, which cannot be asked for', async () => {
    const keys = { kind: 'keys', apiKey: { env: 'GATE_SECRET_A' }, applicationKey: { env: 'GATE_SECRET_B' } } as const;
    const datadog = { kind: 'datadog', site: 'datadoghq.eu', auth: keys, scrapeInterval: '60s' } as const;
    const count = (more: string) => `sum:http.requests{version:\${version},ring:\${ring}${more}}.as_count()`;
    const indicator = { kind: 'ratio', provider: 'main', bad: count(',status:5xx'), total: count('') } as const;
    const world = await live(aRule({ indicator }), datadog);
    const asked: MetricQuestion[] = [];
    const answer = harm('1m', null);
    world.answer = (question) => {
      asked.push(question);
      return answer(question);
    };
    expect(await judged(world)).toMatchObject({ verdict: 'rollback', evidence: { recent: { window: '2m1s' } } });
    expect(asked.filter(({ part }) => part === 'distance')).toEqual([]);
  });
});
