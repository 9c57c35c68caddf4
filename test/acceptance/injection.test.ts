/** What a hostile release name can do to a query, on the real Prometheus. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseRelease } from '../../src/domain/release.ts';
import { fillTemplate, parseTemplate, type TemplateValues } from '../../src/domain/template.ts';
import { type Exposition, expositionValue, startExposition } from '../support/exposition.ts';
import { HOSTILE_VALUES } from '../support/hostile-values.ts';
import { type RunningPrometheus, startPrometheus } from '../support/prometheus.ts';

const TEMPLATE = 'sum(increase(http_requests_total{version="${version}",code="500"}[${window}]))';
const HOSTILE = 'a"}[1m])) or vector(0) #';
/** The exposition format cannot carry a NUL. */
const SCRAPED = [...new Set(HOSTILE_VALUES)].filter((value) => !value.includes('\0'));

let prometheus: RunningPrometheus;
let target: Exposition;

beforeAll(async () => {
  const lines = SCRAPED.map((value, i) => `build_number{version=${expositionValue(value)}} ${i}\n`);
  target = await startExposition(lines.join(''));
  prometheus = await startPrometheus({ scrape: [{ job: 'builds', targets: [target.target] }] });
  await prometheus.waitFor('count(build_number)', ([all]) => all?.value === String(SCRAPED.length));
});

afterAll(async () => {
  await prometheus?.stop();
  await target?.stop();
});

function fill(text: string, values: Partial<TemplateValues>): string {
  const template = parseTemplate(text);
  if ('error' in template) throw new Error(template.error);
  const defaults = { service: 'checkout', version: '1', ring: 'canary', labels: {}, windowMs: 60_000 };
  const result = fillTemplate(template, { ...defaults, ...values });
  if ('error' in result) throw new Error(result.error);
  return result.query;
}

describe('a release name that ends the string it is pasted into', () => {
  it('turns no data into no errors when it is pasted', async () => {
    const pasted = TEMPLATE.replace('${version}', () => HOSTILE).replace('${window}', '1m');
    expect(await prometheus.query(pasted)).toEqual([{ metric: {}, value: '0' }]);
  });

  it('finds no data when it is filled in', async () => {
    expect(await prometheus.query(fill(TEMPLATE, { version: HOSTILE }))).toEqual([]);
  });

  it('is no release name at all', () => {
    expect(parseRelease(`checkout@${HOSTILE}`)).toBeNull();
    expect(parseRelease(`${HOSTILE}@1.2.3`)).toBeNull();
  });
});

describe('every value of the hostile corpus', () => {
  it('finds no data where there is none', async () => {
    for (const version of HOSTILE_VALUES) {
      expect(await prometheus.query(fill(TEMPLATE, { version })), version).toEqual([]);
    }
  });

  it('selects the one series that has exactly this value', async () => {
    for (const [i, version] of SCRAPED.entries()) {
      const samples = await prometheus.query(fill('build_number{version="${version}"}', { version }));
      expect(
        samples.map((sample) => sample.value),
        version,
      ).toEqual([String(i)]);
    }
  });

  it('excludes only that series in a != matcher', async () => {
    for (const version of SCRAPED.slice(0, 30)) {
      const [others] = await prometheus.query(fill('count(build_number{version!="${version}"})', { version }));
      expect(others?.value, version).toBe(String(SCRAPED.length - 1));
    }
  });
});
