import { describe, expect, it } from 'vitest';
import { type PreviewRequest, previewRule } from '../../src/app/preview.ts';
import type { MetricQuestion } from '../../src/domain/measurement.ts';
import { aBurnRule, aRingRule, aRule, aService, aSloRule } from '../support/builders.ts';
import { aWorld, counts, type World } from '../support/world.ts';

const RULES = { errors: aRule(), ring: aRingRule({ measuredIn: ['early'] }), whole: aSloRule({ guards: ['global'] }) };

async function aLive(): Promise<World> {
  const world = await aWorld(aService(), RULES);
  await world.ask('1', 'canary');
  await world.report('1', 'canary', { state: 'deployed' });
  world.minutes(20);
  return world;
}

const preview = (world: World, request: Partial<PreviewRequest> = {}) =>
  previewRule(world.ports, {
    ...{ service: 'checkout', rule: 'errors', version: null, ring: null, at: null, document: null },
    ...request,
  });

describe('A preview', () => {
  it('shows for the release that is live what would be asked, what came and what it means', async () => {
    const world = await aLive();
    let now = 0;
    Object.assign(world.ports.runtime, { monotonicMs: () => (now += 4) });
    const shown = await preview(world);
    expect(shown).toMatchObject({
      ...{ saved: true, scope: 'release', ring: 'canary', release: 'checkout@1', provider: 'main' },
      life: { supposed: false },
      finding: { verdict: 'promote', cause: 'objective-met', because: expect.stringContaining('0 of 1000 events') },
      warnings: [],
    });
    const [bad, total] = shown.queries;
    expect(bad).toMatchObject({ part: 'bad', window: '10m', measurement: { kind: 'value', value: '0' } });
    expect(total?.query).toContain('version="1",ring="canary"}[10m]');
    expect(shown.queries.filter(({ part }) => part === 'age')).toMatchObject([{ window: null }]);
    for (const { milliseconds } of shown.queries) expect(milliseconds).toBeGreaterThan(0);
  });

  it('records nothing and changes nothing', async () => {
    const world = await aLive();
    const before = JSON.stringify([world.ports.store.commits.length, await world.ports.store.lives('checkout', null)]);
    await preview(world);
    await preview(world, { version: '9', document: aBurnRule() });
    expect(JSON.stringify([world.ports.store.commits.length, await world.ports.store.lives('checkout', null)])).toBe(
      before,
    );
  });

  it('of a rule that is not saved is one of the rule in the body, under any name', async () => {
    const world = await aLive();
    world.answer = counts(60, 3000);
    const shown = await preview(world, { rule: 'new', document: aBurnRule() });
    expect(shown).toMatchObject({ rule: 'new', saved: false, finding: { verdict: 'rollback', cause: 'burning-fast' } });
  });

  it('supposes a life where the release does not run, and says so', async () => {
    const world = await aLive();
    const shown = await preview(world, { version: '2' });
    expect(shown).toMatchObject({
      release: 'checkout@2',
      life: { supposed: true },
      finding: { cause: 'objective-met' },
    });
    expect(shown.queries[0]?.window).toBe('10m');
  });

  it('needs no version for a rule that names none, and goes by the first ring in which it is asked', async () => {
    const world = await aLive();
    expect(await preview(world, { rule: 'ring' })).toMatchObject({ scope: 'ring', ring: 'early' });
    const whole = await preview(world, { rule: 'whole' });
    expect(whole).toMatchObject({ scope: 'service', ring: 'global', life: null, finding: { cause: 'budget-left' } });
    expect(whole.queries.map(({ window }) => window)).toContain('30d');
  });

  it('of a past instant asks about then, in the life that the release had then', async () => {
    const world = await aLive();
    const then = await world.ports.store.now();
    world.minutes(5);
    await world.report('1', 'canary', { state: 'rolled-back', reason: 'bad' });
    world.minutes(600);
    const asked: MetricQuestion[] = [];
    world.answer = (question) => {
      asked.push(question);
      return counts(0, 1000)(question);
    };
    const shown = await preview(world, { version: '1', at: then });
    expect(shown).toMatchObject({ at: then, life: { supposed: false }, finding: { cause: 'objective-met' } });
    const floored = Math.floor(Date.parse(then) / 10_000) * 10_000;
    expect(asked.filter(({ part }) => part === 'age').map(({ at }) => Date.parse(at))).toEqual([floored]);
    const now = await preview(world, { version: '1' });
    expect(now.life).toMatchObject({ supposed: true });
    expect(now.queries[0]?.window).toBe('10m');
  });

  it('shows what went wrong with a query instead of failing', async () => {
    const world = await aLive();
    world.answer = () => ({ kind: 'rejected', detail: 'parse error' });
    const shown = await preview(world);
    expect(shown.finding).toMatchObject({ verdict: 'hold', cause: 'query-rejected' });
    expect(shown.queries[0]?.measurement).toEqual({ kind: 'rejected', detail: 'parse error' });
  });

  it.each<[string, Partial<PreviewRequest>, string]>([
    ['a ring in which the rule is not asked', { rule: 'ring', ring: 'canary' }, '/query/ring'],
    ['a ring that does not exist', { ring: 'moon' }, '/query/ring'],
    ['no version where none is live', { ring: 'global' }, '/query/version'],
    ['the future', { at: '2036-01-01T00:00:00Z' }, '/query/at'],
    ['an instant that does not exist', { at: '2016-13-31T00:00:00Z' }, '/query/at'],
    ['a rule that cannot be saved either', { document: aBurnRule({ objective: { target: 1 } }) }, '/objective/target'],
  ])('is refused with %s', async (_what, request, pointer) => {
    const world = await aLive();
    await expect(preview(world, request)).rejects.toMatchObject({ code: 'invalid-request', errors: [{ pointer }] });
  });

  it.each([{ service: 'other' }, { rule: 'other' }])('is not found for %j', async (request) => {
    await expect(preview(await aLive(), request)).rejects.toMatchObject({ code: 'not-found' });
  });
});
