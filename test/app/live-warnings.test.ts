import { describe, expect, it } from 'vitest';
import { listWarnings } from '../../src/app/live-warnings.ts';
import type { Measurement, MetricQuestion } from '../../src/domain/measurement.ts';
import { aBurnRule, aRule, aService, aSloRule } from '../support/builders.ts';
import { aWorld, type World } from '../support/world.ts';

const value = (number: number): Measurement => ({ kind: 'value', value: String(number) });
/** Everything that is asked about series and not about events. */
const isMetric = ({ query, part }: MetricQuestion) => part === 'distance' || query.startsWith('count(last_over_time(');

async function aLive(liveFor = 90): Promise<World> {
  const world = await aWorld(aService(), { burn: aBurnRule(), errors: aRule(), whole: aSloRule() });
  await world.ask('1', 'canary');
  await world.report('1', 'canary', { state: 'deployed' });
  world.minutes(liveFor);
  return world;
}

describe('Warnings from the live source', () => {
  it('are none where every metric is known and traffic is enough', async () => {
    const world = await aLive();
    const asked: string[] = [];
    world.answer = (question) => {
      asked.push(question.query);
      return value(10_000);
    };
    expect(await listWarnings(world.ports, 'checkout')).toEqual([]);
    expect(asked.filter((query) => query === 'count(last_over_time(http_requests_total[1h]))')).toHaveLength(1);
  });

  it('name each release whose exit is asked for without a life, until somebody says that it runs', async () => {
    const world = await aLive();
    world.answer = () => value(10_000);
    await world.ask('2', 'canary', 'exit');
    await world.ask('2', 'canary', 'exit');
    await world.ask('3', 'canary', 'exit', { dryRun: true });
    expect(await listWarnings(world.ports, 'checkout')).toEqual([
      'the exit of checkout@2 from canary is asked for, but it is not known to run there, so harm in it rolls nothing back: if it does run there, ask with running=true',
    ]);
    await world.ask('2', 'canary', 'exit', { running: { statedAt: null } });
    expect(await listWarnings(world.ports, 'checkout')).toEqual([]);
  });

  it('advise a report where the plan wants reports', async () => {
    const world = await aWorld(aService({ deployments: 'reported' }), { errors: aRule() });
    await world.ask('2', 'canary', 'exit');
    expect(await listWarnings(world.ports, 'checkout')).toEqual([expect.stringMatching(/report its deployment$/)]);
  });

  it('name each metric that the server has not seen within the last hour, for each rule that asks for it', async () => {
    const world = await aLive();
    world.answer = (question) => (isMetric(question) ? { kind: 'no-data' } : value(10_000));
    expect(await listWarnings(world.ports, 'checkout')).toEqual([
      'burn asks main for http_requests_total, of which it has seen nothing within the last hour',
      'errors asks main for http_requests_total, of which it has seen nothing within the last hour',
      'whole asks main for http_requests_total, of which it has seen nothing within the last hour',
    ]);
  });

  it('name each rule that present traffic can never decide, for whom, and what helps', async () => {
    const world = await aLive();
    world.answer = (question) => value(isMetric(question) ? 1 : 40);
    const found = await listWarnings(world.ports, 'checkout');
    expect(found[0]).toBe(
      'burn can never judge checkout@1 in canary at the present rate: about 40 events within 1h, and 300 are needed; lower minEvents, widen the window or send test traffic',
    );
    expect(found[1]).toContain(
      'errors can never judge checkout@1 in canary at the present rate: about 40 events within 10m',
    );
    expect(found[2]).toContain('whole can never judge checkout at the present rate: about 40 events within 30d');
    expect(found).toHaveLength(3);
  });

  it('reckon with how long a release has been live, and say nothing of traffic while that is hardly at all', async () => {
    const young = await aLive(6);
    young.answer = (question) => value(isMetric(question) ? 1 : 40);
    const found = await listWarnings(young.ports, 'checkout');
    expect(found.filter((warning) => !warning.startsWith('whole'))).toEqual([
      'errors can never judge checkout@1 in canary at the present rate: about 66.7 events within 10m, and 100 are needed; lower minEvents, widen the window or send test traffic',
    ]);
    const born = await aLive(4);
    born.answer = (question) => value(isMetric(question) ? 1 : 0);
    expect(await listWarnings(born.ports, 'checkout')).toEqual(['whole finds no events of checkout within 30d']);
  });

  it('name windows that do not hold two samples of what the rule counts', async () => {
    const limits = { window: '2m', hold: { above: 0.01 }, rollback: { above: 0.05 } };
    const world = await aWorld(aService(), { errors: aRule({ limits }), whole: aSloRule() });
    await world.ask('1', 'canary');
    await world.report('1', 'canary', { state: 'deployed' });
    world.minutes(90);
    world.answer = ({ part }) => value(part === 'distance' ? 60 : 10_000);
    expect(await listWarnings(world.ports, 'checkout')).toEqual([
      'errors: the window 2m does not always hold two samples, because samples of main are 1m apart: let it be 4m or more',
      'errors: half of "for" (2m) does not always hold two samples, because samples of main are 1m apart: whether harm goes on is read from a longer time; let "for" be 4m2s or more',
    ]);
    world.answer = ({ part }) => value(part === 'distance' ? 15 : 10_000);
    expect(await listWarnings(world.ports, 'checkout')).toEqual([]);
  });

  it('name the way out that a rule has by itself', async () => {
    const uncertain = { 'too-few-events': { promoteAfter: '24h' } };
    const world = await aWorld(aService(), { errors: aRule({ uncertain }) });
    await world.ask('1', 'canary');
    await world.report('1', 'canary', { state: 'deployed' });
    world.minutes(90);
    world.answer = (question) => value(isMetric(question) ? 1 : 40);
    expect((await listWarnings(world.ports, 'checkout'))[0]).toContain(
      'send test traffic; without anything bad it is tolerated after 24h',
    );
  });

  it('say of a release that is live when its queries find nothing', async () => {
    const world = await aLive();
    world.answer = (question) => (isMetric(question) ? value(1) : { kind: 'no-data' });
    expect(await listWarnings(world.ports, 'checkout')).toContain(
      'errors finds no events of checkout@1 in canary: its queries may select nothing',
    );
  });

  it.each<[Measurement, string]>([
    [
      { kind: 'unavailable', reason: 'unauthorized', detail: 'x' },
      'main refused our credential, so its metrics were not looked at',
    ],
    [{ kind: 'deadline-exceeded' }, 'main did not answer in time, so its metrics were not looked at'],
  ])('say once what was not looked at', async (measurement, told) => {
    const world = await aLive();
    world.answer = () => measurement;
    expect(await listWarnings(world.ports, 'checkout')).toEqual([told]);
  });

  it('say what is wrong with a query', async () => {
    const world = await aLive();
    world.answer = (question) => (isMetric(question) ? value(1) : { kind: 'too-many-series', series: 7 });
    expect((await listWarnings(world.ports, 'checkout'))[0]).toBe(
      'the total query of burn gives 7 series for checkout@1 in canary; it must give one',
    );
  });

  it('are about no service that does not exist', async () => {
    const world = await aLive();
    await expect(listWarnings(world.ports, 'other')).rejects.toMatchObject({ code: 'not-found' });
  });
});
