import { setTimeout as sleep } from 'node:timers/promises';
import { type GateSetUp, putRecordedProvider, putService } from './gate-set-up.ts';

/** What is asked, again and again, and what the answer has to be. */
export interface Scenario {
  readonly name: string;
  readonly paths: readonly string[];
  readonly verdict: 'hold' | 'promote';
  readonly status: number;
}

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}-${i + 1}`);

/**
 * Waiting pipelines are the common case: of each service one release bakes in the first ring and three
 * more queue for it. Promoting ones are let into the second ring, having been proven in the first.
 */
export async function setUpScenarios(gate: GateSetUp, services: number): Promise<readonly Scenario[]> {
  await putRecordedProvider(gate);
  const waiting: string[] = [];
  for (const service of names('waiting', services)) waiting.push(...(await setUpWaiting(gate, service)));
  const going = await setUpGoing(gate, names('going', services));
  const hold = { verdict: 'hold', status: 429 } as const;
  const promote = { verdict: 'promote', status: 200 } as const;
  return [
    { name: `hold, ${waiting.length} releases of ${services} services`, paths: waiting, ...hold },
    { name: `promote, ${services} releases of ${services} services`, paths: going, ...promote },
    { name: 'hold, one release', paths: waiting.slice(0, 1), ...hold },
    { name: 'promote, one release', paths: going.slice(0, 1), ...promote },
  ];
}

async function setUpWaiting(gate: GateSetUp, service: string): Promise<readonly string[]> {
  await putService(gate, service, '6h');
  await gate.ask(`/gates/${service}@1.0.0/canary`, 'promote');
  const baking = `/gates/${service}@1.0.0/canary?stage=exit`;
  const queuing = ['1.0.1', '1.0.2', '1.0.3'].map((version) => `/gates/${service}@${version}/canary`);
  for (const path of [baking, ...queuing]) await gate.ask(path, 'hold');
  return [baking, ...queuing];
}

async function setUpGoing(gate: GateSetUp, services: readonly string[]): Promise<readonly string[]> {
  for (const service of services) {
    await putService(gate, service, '1s');
    await gate.ask(`/gates/${service}@2.0.0/canary`, 'promote');
    await gate.ask(`/gates/${service}@2.0.0/canary?stage=exit`, 'hold');
  }
  await sleep(1500);
  const paths = services.flatMap((service) => [
    `/gates/${service}@2.0.0/early`,
    `/gates/${service}@2.0.0/canary?stage=exit`,
  ]);
  for (const path of paths) await gate.ask(path, 'promote');
  return paths;
}
