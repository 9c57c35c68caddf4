import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReportRequest } from '../../src/app/documents.ts';
import { story } from '../../src/app/story.ts';
import { durationMs } from '../../src/domain/duration.ts';
import { after as later } from '../../src/domain/instant.ts';
import type { ReportState } from '../../src/domain/life.ts';
import type { MetricQuestion } from '../../src/domain/measurement.ts';
import type { ServiceDocument } from '../../src/domain/service.ts';
import { aRule, aService } from '../support/builders.ts';
import { aWorld, counts, OPERATOR, type World } from '../support/world.ts';

const MINUTE = 60_000;
const reported = { deployments: 'reported' } as const;
const deployed = { state: 'deployed' } as const;
const rule = aRule({ limits: { window: '10m', hold: { above: 0.01 } } });
const aShop = (plan: Partial<ServiceDocument> = {}) => aWorld(aService({ ...reported, ...plan }), { errors: rule });
const now = (world: World) => world.ports.store.now();
const livesOf = async (world: World, version: string) =>
  (await world.ports.store.gateState('checkout', version)).rollout.lives.filter((life) => life.version === version);

/** From when on each count of the release was asked for. */
const lookedBack = (world: World) => {
  const from: string[] = [];
  const answer = world.answer;
  world.answer = (question: MetricQuestion) => {
    const window = /\[(\w+)\]/.exec(question.query)?.[1];
    if (question.part === 'bad' && window !== undefined) from.push(later(question.at, -durationMs(window)));
    return answer(question);
  };
  return from;
};

/** Let in a second ago, and then live for a while. */
const stayed = async (world: World) => {
  await world.ask('1', 'canary');
  const letIn = later(await now(world), 1000);
  world.minutes(10);
  await world.report('1', 'canary', deployed);
  const began = await now(world);
  world.minutes(5);
  return { letIn, began };
};

describe('The end of a stay', () => {
  it.each(['failed', 'rolled-back', 'abandoned'] as const)(
    'cannot lie before it began when it is %s, whoever says so',
    async (state) => {
      const world = await aShop();
      const { letIn, began } = await stayed(world);
      for (const by of [undefined, OPERATOR]) {
        const refused = world.report('1', 'canary', { state, at: letIn }, by);
        const message = `${letIn} lies before the stay of 1 in canary began, at ${began}`;
        await expect(refused).rejects.toMatchObject({ code: 'invalid-request', errors: [{ pointer: '/at', message }] });
      }
    },
  );

  it('is where the evidence of the next stay begins: for a pipeline when it is reported, for an operator when it was', async () => {
    const world = await aShop();
    const { began } = await stayed(world);
    const happened = later(began, MINUTE);
    const { life } = await world.report('1', 'canary', { state: 'abandoned', at: happened });
    expect(life).toMatchObject({ endedAt: await now(world) });
    await world.ask('1', 'canary');
    await world.report('1', 'canary', deployed);
    const second = await now(world);
    world.minutes(5);
    const at = later(second, MINUTE);
    expect((await world.report('1', 'canary', { state: 'abandoned', at }, OPERATOR)).life).toMatchObject({
      endedAt: at,
    });
  });

  it('keeps what was measured before out of the next stay', async () => {
    const world = await aShop({ rings: [{ name: 'canary', bake: '0s' }] });
    const { began } = await stayed(world);
    await world.report('1', 'canary', { state: 'abandoned', at: later(began, 1000) });
    const ended = await now(world);
    await world.ask('1', 'canary');
    await world.report('1', 'canary', deployed);
    expect(await world.ask('1', 'canary', 'exit')).toMatchObject({ verdict: 'hold' });
    const from = lookedBack(world);
    world.minutes(2);
    await world.ask('1', 'canary', 'exit');
    expect(from.length).toBeGreaterThan(0);
    for (const each of from) expect(each >= ended).toBe(true);
  });

  it('comes when the newer release is reported, which names it', async () => {
    const world = await aShop({ concurrency: 'supersede' });
    await stayed(world);
    await world.ask('2', 'canary');
    const at = await now(world);
    world.minutes(5);
    expect((await world.report('2', 'canary', { ...deployed, at })).life).toMatchObject({ liveAt: at });
    expect(await livesOf(world, '1')).toMatchObject([{ end: 'superseded', endedAt: await now(world) }]);
    const { findings } = await world.ask('1', 'canary');
    expect(findings.find(({ cause }) => cause === 'superseded')).toMatchObject({ evidence: { by: '2' } });
  });
});

describe('A deployment that is dated back', () => {
  const hours = (count: number) => count * 60;

  it('is let in by its promise, but bakes from no more than a lease before the report', async () => {
    for (const deployments of ['reported', 'assumed'] as const) {
      const world = await aShop({ deployments, rings: [{ name: 'canary', bake: '12h' }] });
      await world.ask('1', 'canary');
      const at = later(await now(world), 1000);
      world.minutes(hours(23));
      const { late, life } = await world.report('1', 'canary', { ...deployed, at });
      expect({ late, life }).toMatchObject({
        late: false,
        life: { origin: 'gated', liveAt: later(await now(world), -15 * MINUTE) },
      });
      expect(await world.ask('1', 'canary', 'exit')).toMatchObject({ verdict: 'hold' });
    }
  });

  it('is found by the story, although bake counts from later', async () => {
    const world = await aShop();
    await world.ask('1', 'canary');
    const at = later(await now(world), 1000);
    world.minutes(60);
    const { entry } = await world.report('1', 'canary', { ...deployed, at });
    const { rings } = await story(world.ports, { service: 'checkout', version: '1' });
    expect(rings[0]?.events.find(({ what }) => what === 'deployed')).toMatchObject({ entry });
  });

  it('may be reported twice, which changes nothing', async () => {
    const world = await aShop();
    await world.ask('1', 'canary');
    const at = later(await now(world), 1000);
    world.minutes(5);
    await world.report('1', 'canary', { ...deployed, at });
    world.minutes(5);
    expect((await world.report('1', 'canary', { ...deployed, at })).life).toMatchObject({ liveAt: at });
  });

  it('is refused where its promise was used long ago, and comes back by a faded proof from now', async () => {
    const world = await aShop();
    await world.ask('1', 'canary');
    const at = later(await now(world), 1000);
    await world.report('1', 'canary', deployed);
    world.minutes(61);
    expect(await world.ask('1', 'canary', 'exit')).toMatchObject({ verdict: 'promote' });
    await world.ask('2', 'canary');
    await world.report('2', 'canary', deployed);
    world.minutes(hours(15 * 24));
    await expect(world.report('1', 'canary', { ...deployed, at })).rejects.toMatchObject({
      errors: [{ pointer: '/at', message: expect.stringContaining('no promise is known there') }],
    });
    const back = await world.report('1', 'canary', deployed);
    expect(back.life).toMatchObject({ origin: 'restored', liveAt: await now(world) });
  });

  it('comes back by a faded proof from now also under a promise whose lease has ended', async () => {
    const world = await aShop();
    await world.ask('1', 'canary');
    await world.report('1', 'canary', deployed);
    world.minutes(61);
    await world.ask('1', 'canary', 'exit');
    await world.ask('2', 'canary');
    await world.report('2', 'canary', deployed);
    await world.report('2', 'canary', { state: 'abandoned' });
    world.minutes(hours(15 * 24));
    await world.ask('1', 'canary');
    world.minutes(20);
    const at = later(await now(world), -MINUTE);
    expect((await world.report('1', 'canary', { ...deployed, at })).life).toMatchObject({
      liveAt: await now(world),
    });
  });

  it('does not reach into the stay before', async () => {
    const world = await aShop();
    await world.ask('1', 'canary');
    world.minutes(5);
    await world.report('1', 'canary', { state: 'failed' });
    const ended = await now(world);
    world.minutes(5);
    const refused = world.report('1', 'canary', { ...deployed, at: later(ended, -MINUTE) });
    const message = `before the stay of 1 in canary before it ended, at ${ended}`;
    await expect(refused).rejects.toMatchObject({ errors: [{ message: expect.stringContaining(message) }] });
    expect((await world.report('1', 'canary', { ...deployed, at: ended })).life).toMatchObject({ liveAt: ended });
  });

  it('is believed of an operator who adopts it', async () => {
    const world = await aShop();
    const at = later(await now(world), -MINUTE * hours(3));
    const adopted = { ...deployed, ungated: true, reason: 'The gate was down', at };
    expect((await world.report('1', 'canary', adopted, OPERATOR)).life).toMatchObject({
      origin: 'adopted',
      liveAt: at,
    });
  });
});

type Step =
  | { readonly do: 'enter' | 'exit'; readonly version: string }
  | { readonly do: 'wait'; readonly minutes: number }
  | {
      readonly do: 'report';
      readonly version: string;
      readonly state: ReportState;
      readonly ago: number | null;
      readonly began: number | null;
    };

describe('Whatever a pipeline reports', () => {
  const version = fc.constantFrom('1', '1', '2');
  const ago = fc.option(fc.constantFrom(0, 1, 4, 14, 15, 16, 60, 600, 1400, 22_000));
  const states = fc.constantFrom<ReportState>('deployed', 'deployed', 'deployed', 'failed', 'rolled-back', 'abandoned');
  const step = fc.oneof<fc.Arbitrary<Step>[]>(
    fc.record({ do: fc.constantFrom('enter' as const, 'enter' as const, 'exit' as const), version }),
    fc.record({ do: fc.constant('wait' as const), minutes: fc.constantFrom(1, 1, 5, 11, 16, 61, 1200, 21_000) }),
    fc.record({ do: fc.constant('report' as const), version, state: states, ago, began: ago }),
  );

  it('bake counts from no more than 15 minutes before it, and evidence from no earlier than the end that was reported last', async () => {
    let [dated, ended, looked] = [0, 0, 0];
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 10, maxLength: 40 }),
        fc.constantFrom('reported', 'assumed'),
        async (steps, deployments) => {
          const world = await aShop({ deployments: deployments as 'reported', concurrency: 'supersede' });
          const answer = counts(0, 1000);
          const lastEnd = new Map<string, string>();
          for (const one of steps) {
            world.minutes(0.5);
            const at = await now(world);
            if (one.do === 'wait') world.minutes(one.minutes);
            else if (one.do !== 'report') {
              world.answer = answer;
              const from = lookedBack(world);
              await world.ask(one.version, 'canary', one.do);
              looked += from.length;
              for (const each of from) expect(each >= (lastEnd.get(one.version) ?? '')).toBe(true);
            } else {
              const before = await livesOf(world, one.version);
              const minutesAgo = (count: number | null) => (count === null ? {} : later(at, -count * MINUTE));
              const said = {
                ...(one.ago === null ? {} : { at: minutesAgo(one.ago) }),
                ...(one.began === null ? {} : { startedAt: minutesAgo(one.began) }),
              };
              const request = { state: one.state, ...said } as ReportRequest;
              const done = await world.report(one.version, 'canary', request).catch(() => null);
              if (done === null) continue;
              for (const life of await livesOf(world, one.version)) {
                const was = before.find(({ n }) => n === life.n);
                if (life.phase !== 'ended' && life.liveAt !== (was?.liveAt ?? null)) {
                  if (life.liveAt !== at) dated += 1;
                  expect((life.liveAt ?? '') >= later(at, -15 * MINUTE)).toBe(true);
                }
                if (life.endedAt === null || life.endedAt === (was?.endedAt ?? null)) continue;
                ended += 1;
                expect(life.endedAt).toBe(at);
                if (life.liveAt !== null) lastEnd.set(one.version, at);
              }
            }
          }
        },
      ),
      { numRuns: 100 },
    );
    for (const reached of [dated, ended, looked]) expect(reached).toBeGreaterThan(10);
  });
});
