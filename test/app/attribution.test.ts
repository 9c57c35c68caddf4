import { describe, expect, it } from 'vitest';
import { listWarnings } from '../../src/app/live-warnings.ts';
import type { Attribution, RuleDocument } from '../../src/domain/rule.ts';
import type { ServiceDocument } from '../../src/domain/service.ts';
import { aRule, aService } from '../support/builders.ts';
import { aWorld, counts, type World } from '../support/world.ts';

const PLAN = aService({
  rings: [
    { name: 'canary', bake: '1m', labels: { region: 'eu' } },
    { name: 'early', bake: '1m', labels: { region: 'eu' } },
    { name: 'global', bake: '1m', labels: { region: 'us' } },
  ],
});

/** Requests of the release that fail, by these matchers. */
function counting(selector: string, overrides: Partial<RuleDocument> = {}): RuleDocument {
  const bad = `sum(increase(http_requests_total{${selector},code=~"5.."}[\${window}]))`;
  const total = `sum(increase(http_requests_total{${selector}}[\${window}]))`;
  return aRule({ indicator: { kind: 'ratio', provider: 'main', bad, total }, ...overrides });
}
const BY_RELEASE = 'service="${service}",version="${version}"';

/** `checkout@1` is proven in canary and has just been deployed to early. */
async function inEarly(rule: RuleDocument, plan: ServiceDocument = PLAN): Promise<World> {
  const world = await aWorld(plan, { errors: rule });
  await into(world, 'canary');
  expect(await world.ask('1', 'canary', 'exit')).toMatchObject({ verdict: 'promote' });
  await into(world, 'early');
  return world;
}

async function into(world: World, ring: string): Promise<void> {
  expect(await world.ask('1', ring)).toMatchObject({ verdict: 'promote' });
  await world.report('1', ring, { state: 'deployed' });
  world.minutes(5);
}

const findingOf = (decision: Awaited<ReturnType<World['ask']>>, check: string, ring: string) =>
  decision.findings.find((each) => each.check === check && each.ring === ring);

describe('A rule that selects the release and not the ring', () => {
  it('proves the first ring, and no other one while the release runs in several', async () => {
    const world = await inEarly(counting(BY_RELEASE));
    const decision = await world.ask('1', 'early', 'exit');
    expect(decision).toMatchObject({
      verdict: 'hold',
      summary:
        'No rule has found checkout@1 in order in early yet: errors counts checkout@1 in canary and early together, which proves none of them',
    });
    expect(findingOf(decision, 'measured', 'early')).toMatchObject({
      cause: 'nothing-measured',
      clears: 'by-person',
      needs:
        'Select the ring with ${ring} in every query, or say "attribution": "release" if what checkout@1 does elsewhere may prove early.',
      action: { who: 'configurator', do: 'PUT /services/checkout/rules/errors' },
    });
    expect(findingOf(decision, 'rule', 'early')).toMatchObject({
      verdict: 'promote',
      because:
        'errors: 0 of 1000 events were bad within 10m, a share of 0% in canary and early together (hold above 0.01).',
    });
    expect(await world.ask('1', 'global')).toMatchObject({ verdict: 'hold' });
  });

  it('holds and rolls back in every ring all the same', async () => {
    const world = await inEarly(counting(BY_RELEASE));
    world.answer = counts(20, 1000);
    expect(findingOf(await world.ask('1', 'early', 'exit'), 'rule', 'early')).toMatchObject({
      cause: 'objective-at-risk',
    });
    world.answer = counts(200, 1000);
    world.minutes(1);
    expect(await world.ask('1', 'early', 'exit')).toMatchObject({
      verdict: 'rollback',
      rollback: { rings: ['canary', 'early'] },
    });
  });

  it.each<[string, RuleDocument]>([
    ['selects the ring', counting(`${BY_RELEASE},ring="\${ring}"`)],
    ['says that the release is meant wherever it runs', counting(BY_RELEASE, { attribution: 'release' })],
  ])('proves every ring when it %s', async (_what, rule) => {
    const world = await inEarly(rule);
    expect(await world.ask('1', 'early', 'exit')).toMatchObject({ verdict: 'promote' });
  });

  it('proves no ring by a matcher that leaves the ring out, and is refused where only one of its queries selects the ring', async () => {
    const others = await inEarly(counting(`${BY_RELEASE},ring!="\${ring}"`), PLAN);
    expect(await others.ask('1', 'early', 'exit')).toMatchObject({ verdict: 'hold' });
    const { indicator } = counting(`${BY_RELEASE},ring="\${ring}"`);
    const total = `sum(increase(http_requests_total{${BY_RELEASE}}[\${window}]))`;
    const half = inEarly(aRule({ indicator: { ...indicator, total } as RuleDocument['indicator'] }));
    await expect(half).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining('/indicator/total'),
    });
  });

  it('does not tell rings apart that share the label it selects', async () => {
    const world = await inEarly(counting(`${BY_RELEASE},region="\${labels.region}"`, { attribution: 'release' }));
    expect(await world.ask('1', 'early', 'exit')).toMatchObject({ verdict: 'promote' });
    await world.put('rule', 'errors', counting(`${BY_RELEASE},region="\${labels.region}"`));
    await into(world, 'global');
    expect(await world.ask('1', 'global', 'exit')).toMatchObject({ verdict: 'promote' });
    const again = await inEarly(counting(`${BY_RELEASE},region="\${labels.region}"`));
    expect(await again.ask('1', 'early', 'exit')).toMatchObject({ verdict: 'hold' });
  });

  it('proves a ring again once the release has run nowhere else within the window', async () => {
    const rings = [
      { name: 'eu', bake: '1m' },
      { name: 'us', bake: '1m', after: [] },
    ];
    const world = await aWorld(aService({ rings }), { errors: counting(BY_RELEASE) });
    await into(world, 'us');
    await world.report('1', 'us', { state: 'abandoned' });
    await into(world, 'eu');
    expect(await world.ask('1', 'eu', 'exit')).toMatchObject({ verdict: 'hold' });
    world.minutes(5);
    expect(await world.ask('1', 'eu', 'exit')).toMatchObject({ verdict: 'promote' });
    await world.ask('1', 'us');
    const decision = await world.ask('1', 'eu', 'exit', { dryRun: true });
    expect(findingOf(decision, 'rule', 'eu')?.because).toContain('in eu and us together');
  });

  it('is warned about in plans of several rings, when it is saved and later', async () => {
    const warned = async (rule: RuleDocument, plan: ServiceDocument = PLAN) => {
      const world = await aWorld(plan, {});
      const { warnings } = (await world.put('rule', 'errors', rule)) as { warnings: readonly string[] };
      expect(await listWarnings(world.ports, 'checkout')).toEqual(expect.arrayContaining([...warnings]));
      return warnings.filter((warning) => warning.includes('selects the release and not the ring'));
    };
    expect(await warned(counting(BY_RELEASE))).toEqual([
      'errors selects the release and not the ring, so it proves a ring only while the release runs in no other one: select the ring with ${ring} in every query, or say "attribution": "release" if what the release does in one ring may prove another',
    ]);
    expect(await warned(counting(BY_RELEASE, { attribution: 'release' }))).toEqual([]);
    expect(await warned(counting(`${BY_RELEASE},ring="\${ring}"`))).toEqual([]);
    expect(await warned(counting(BY_RELEASE), aService({ rings: [{ name: 'all', bake: '1m' }] }))).toEqual([]);
  });
});

describe('A rule that states its ring', () => {
  const constant = (attribution?: Attribution) =>
    counting('service="checkout",track="canary"', attribution === undefined ? { guards: ['global'] } : { attribution });

  it('is measured there alone, and may roll back what alone has entered it', async () => {
    const early = counting(`${BY_RELEASE},ring="\${ring}"`, { measuredIn: ['early', 'global'] });
    const world = await aWorld(PLAN, { early, errors: constant({ ring: 'canary' }) });
    await into(world, 'canary');
    const decision = await world.ask('1', 'canary', 'exit');
    expect(decision).toMatchObject({ verdict: 'promote' });
    expect(findingOf(decision, 'rule', 'canary')).toMatchObject({ rule: 'errors', evidence: { scope: 'ring' } });
    world.answer = counts(200, 1000);
    world.minutes(1);
    const harm = await world.ask('1', 'canary', 'exit');
    expect(harm).toMatchObject({ verdict: 'rollback', rollback: { rings: ['canary'] } });
    expect(harm.findings.filter(({ rule }) => rule === 'errors').map(({ ring }) => ring)).toEqual(['canary']);
  });

  it.each<[string, RuleDocument, string, RegExp]>([
    ['a ring that there is not', constant({ ring: 'nowhere' }), '/attribution/ring', /no ring named nowhere/],
    [
      'another ring to be measured in',
      { ...constant({ ring: 'canary' }), measuredIn: ['early'] },
      '/measuredIn',
      /of canary alone/,
    ],
    ['the release, which no query selects', constant('release'), '/attribution', /no query selects the release/],
    [
      'what the queries say',
      counting(`${BY_RELEASE},ring="\${ring}"`, { attribution: 'release' }),
      '/attribution',
      /says it already/,
    ],
  ])('is refused when it names %s', async (_what, rule, pointer, message) => {
    const world = await aWorld(PLAN, {});
    await expect(world.put('rule', 'errors', rule)).rejects.toMatchObject({
      code: 'invalid-request',
      errors: [{ pointer, message: expect.stringMatching(message) }],
    });
  });
});
