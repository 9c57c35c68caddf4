/** The age of the newest sample, on the real Prometheus with samples that carry their own timestamps. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ageQuery, selectorsOf } from '../../src/domain/template.ts';
import { type Exposition, startExposition } from '../support/exposition.ts';
import { type RunningPrometheus, startPrometheus } from '../support/prometheus.ts';

const MINUTE = 60_000;
const AGES = { recent: 200, old: 620, ancient: 1500 };

let prometheus: RunningPrometheus;
let target: Exposition;

beforeAll(async () => {
  const now = Date.now();
  const lines = Object.entries(AGES).map(([name, age]) => `sample_total{name="${name}"} 1 ${now - age * 1000}\n`);
  target = await startExposition(lines.join(''));
  prometheus = await startPrometheus({ scrape: [{ job: 'ages', targets: [target.target] }] });
  await prometheus.waitFor('count(present_over_time(sample_total[1h]))', ([all]) => all?.value === '3');
});

afterAll(async () => {
  await prometheus?.stop();
  await target?.stop();
});

async function age(matchers: string, maxAgeMs: number): Promise<number | null> {
  const [selector = ''] = selectorsOf(`sum(increase(sample_total${matchers}[1h]))`);
  const [sample] = await prometheus.query(ageQuery(selector, maxAgeMs));
  return sample === undefined ? null : Number(sample.value);
}

function around(age: number, value: number | null): void {
  expect(value).toBeGreaterThanOrEqual(age);
  expect(value).toBeLessThan(age + 60);
}

describe('the query for the age of the newest sample', () => {
  it('tells the age of a recent sample, however far it may look back', async () => {
    around(AGES.recent, await age('{name="recent"}', 5 * MINUTE));
    around(AGES.recent, await age('{name="recent"}', 6 * MINUTE));
    around(AGES.recent, await age('{name="recent"}', 60 * MINUTE));
  });

  it('sees behind the lookback of five minutes when a rule allows older samples', async () => {
    around(AGES.old, await age('{name="old"}', 15 * MINUTE));
    around(AGES.ancient, await age('{name="ancient"}', 30 * MINUTE));
  });

  it('finds nothing, or tells an age beyond the limit, when every sample is too old', async () => {
    expect(await age('{name="old"}', 5 * MINUTE)).toBeNull();
    expect(await age('{name="ancient"}', 15 * MINUTE)).toBeNull();
    around(AGES.ancient, await age('{name="ancient"}', 24 * MINUTE));
  });

  it('takes the newest of all series of a selector', async () => {
    around(AGES.recent, await age('', 5 * MINUTE));
    around(AGES.recent, await age('', 60 * MINUTE));
    around(AGES.old, await age('{name!="recent"}', 60 * MINUTE));
  });
});
