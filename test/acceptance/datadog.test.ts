/** A gate whose evidence is in Datadog: every way of asking, every verdict, and everything that is no answer. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ReadSecret } from '../../src/providers/credential.ts';
import { aService } from '../support/builders.ts';
import { DATADOG_CASES, type DatadogCase, MONITOR_ID, SLO_ID, type State } from '../support/datadog-rules.ts';
import { UNCERTAIN_DATADOG } from '../support/datadog-uncertain.ts';
import { openEngine, type TestEngine } from '../support/engines.ts';
import { type FakeDatadog, KEYS, startFakeDatadog } from '../support/fake-datadog.ts';
import { type Gate, startGate } from '../support/gate.ts';
import { readmeBlocks } from '../support/readme.ts';
import { zeroWhenMistaken } from '../support/zero-when-mistaken.ts';

const DRY = { dryRun: 'true' };

let engine: TestEngine;
let gate: Gate;
let datadog: FakeDatadog;
const secrets: Record<string, string> = {};
const clock = { offsetMs: 0 };
const mistake = { made: false };
const secret: ReadSecret = async (reference) => ('env' in reference ? secrets[reference.env] : undefined) ?? '';

beforeAll(async () => {
  engine = await openEngine('embedded');
  datadog = await startFakeDatadog();
  gate = await startGate(engine, { providers: zeroWhenMistaken(mistake, secret), clock });
});
afterAll(async () => {
  await gate.stop();
  await datadog.stop();
  await engine.destroy();
});

let round = 0;
/** Another document is another source: no pause, no circuit and no answer is left of what was before. */
async function configure(more: Record<string, unknown> = {}): Promise<void> {
  round += 1;
  secrets.GATE_SECRET_API = KEYS.apiKey;
  secrets.GATE_SECRET_APP = KEYS.applicationKey;
  const auth = { kind: 'keys', apiKey: { env: 'GATE_SECRET_API' }, applicationKey: { env: 'GATE_SECRET_APP' } };
  const body = { kind: 'datadog', url: datadog.url, auth, timeout: `${5000 + round}ms`, ...more };
  const answer = await gate.call('PUT', '/providers/datadog', { body, as: 'admin' });
  expect({ status: answer.status, body: answer.body }).toMatchObject({ status: expect.toBeOneOf([200, 201]) });
}

const now = () => Date.now() + clock.offsetMs;
const ask = (service: string, query: Record<string, string> = {}) =>
  gate.call('GET', `/gates/${service}@1.0/canary?${new URLSearchParams({ stage: 'exit', ...query })}`);

/** What the gate says of the service's only rule in a bucket of its own: what was asked in one stays answered in it. */
async function judged(service: string, query: Record<string, string> = {}) {
  clock.offsetMs += 10_000;
  const { headers, body } = await ask(service, query);
  const rule = body.findings.find(({ check }: { check: string }) => check === 'rule');
  return { verdict: headers.get('gate-verdict'), rollback: body.rollback, rule };
}

async function put(path: string, body: unknown): Promise<void> {
  const answer = await gate.call('PUT', path, { body, as: 'configurator' });
  expect({ path, status: answer.status, body: answer.body }).toMatchObject({ status: expect.toBeOneOf([200, 201]) });
}

/** A service with this one rule whose version 1.0 has been live in canary for so many minutes. */
async function liveWith(service: string, row: DatadogCase, minutes = 9): Promise<void> {
  const labels = { slo: SLO_ID, monitor: MONITOR_ID };
  await configure();
  await put(`/services/${service}`, aService({ rings: [{ name: 'canary', bake: '5m', labels }] }));
  await put(`/services/${service}/rules/health`, row.rule);
  row.set(datadog, 'good', service, now());
  expect((await gate.call('GET', `/gates/${service}@1.0/canary`)).headers.get('gate-verdict')).toBe('promote');
  await gate.call('PUT', `/releases/${service}@1.0/rings/canary`, { body: { state: 'deployed' } });
  gate.minutes(minutes);
}

const wrongKeys = () => {
  secrets.GATE_SECRET_APP = 'another-application-key';
};

describe.each(DATADOG_CASES.map((row, i) => ({ ...row, service: `shop-${i}` })))(
  'A rule of the kind $kind',
  ({ service, ...row }) => {
    beforeAll(() => liveWith(service, row));
    beforeEach(async () => {
      datadog.limit = null;
      datadog.instead = null;
      row.set(datadog, 'good', service, now());
      await configure();
    });

    it('promotes what is fine, asking nothing but what it is documented to ask', async () => {
      datadog.requests.length = 0;
      expect(await judged(service, DRY)).toMatchObject({ verdict: 'promote', rule: { cause: 'objective-met' } });
      const paths = datadog.requests.map(({ path }) => path);
      expect(paths.filter((path) => !row.paths.some((known) => known.test(path)))).toEqual([]);
      for (const known of row.paths) expect(paths.some((path) => known.test(path))).toBe(true);
    });

    it('holds what is beyond the hold limit only', async () => {
      row.set(datadog, 'doubtful', service, now());
      const { verdict, rollback, rule } = await judged(service, DRY);
      expect({ verdict, rollback, rule }).toMatchObject({
        verdict: 'hold',
        rollback: null,
        rule: { cause: 'objective-at-risk', because: expect.stringContaining('(hold above') },
      });
    });

    it('holds when there is no data, which is neither good nor bad', async () => {
      row.set(datadog, 'silent', service, now());
      expect(await judged(service, DRY)).toMatchObject({ verdict: 'hold', rollback: null, rule: { cause: 'no-data' } });
    });

    it('holds while Datadog limits the rate, and asks no more until it may', async () => {
      datadog.limit = { remaining: 0, reset: 30 };
      expect(await judged(service, DRY)).toMatchObject({
        verdict: 'hold',
        rollback: null,
        rule: { cause: 'provider-unavailable', clears: 'by-data', evidence: { reason: 'rate-limited' } },
      });
      datadog.requests.length = 0;
      expect(await judged(service, DRY)).toMatchObject({
        verdict: 'hold',
        rule: { evidence: { detail: 'the provider asked not to be queried for 30s' } },
      });
      expect(datadog.requests).toEqual([]);
    });

    it('holds for an administrator when the keys are wrong', async () => {
      wrongKeys();
      expect(await judged(service, DRY)).toMatchObject({
        verdict: 'hold',
        rollback: null,
        rule: {
          cause: 'provider-unavailable',
          because: 'The provider datadog refused our credential in canary.',
          clears: 'by-person',
          evidence: { reason: 'unauthorized', detail: 'HTTP 403: the keys were not accepted, or lack a permission' },
        },
      });
    });

    it('rolls back what does harm that lasts', async () => {
      row.set(datadog, 'harmful', service, now());
      expect(await judged(service)).toMatchObject({
        verdict: 'rollback',
        rollback: { rings: ['canary'] },
        rule: { cause: 'objective-breached' },
      });
    });
  },
);

describe('An SLO of the whole service', () => {
  const service = 'shop-slo';
  const slo = DATADOG_CASES.find(({ kind }) => kind === 'datadog-slo on metrics') as DatadogCase;
  beforeAll(async () => {
    await configure();
    await put(`/services/${service}`, aService());
    await put(`/services/${service}/rules/health`, {
      indicator: { kind: 'datadog-slo', provider: 'datadog', sloId: SLO_ID },
      objective: { target: 0.99, window: '30d' },
      burnRates: [{ long: '1h', short: '5m', factor: 14.4 }],
      budget: { holdBelow: 0.1 },
    });
  });

  it.each<[State, string, string, object]>([
    ['good', 'promote', 'budget-left', { budget: { remaining: expect.stringMatching(/^0\.(9|8999)/) } }],
    ['doubtful', 'hold', 'budget-exhausted', { budget: { remaining: expect.stringMatching(/^-(1|0\.999)/) } }],
    ['harmful', 'hold', 'burning', { burnRates: [{ fires: true }] }],
    ['silent', 'hold', 'no-data', { reason: 'empty' }],
  ])('that is %s is a reason to %s: %s', async (state, verdict, cause, evidence) => {
    slo.set(datadog, state, service, now());
    expect(await judged(service, { ...DRY, stage: 'enter' })).toMatchObject({
      verdict,
      rollback: null,
      rule: { cause, evidence },
    });
  });
});

describe('An SLO that is looked at twice in one bucket', () => {
  it('is the same the second time: its good events are not taken for all of them', async () => {
    const row = DATADOG_CASES.find(({ kind }) => kind === 'datadog-slo on metrics') as DatadogCase;
    await liveWith('shop-waiting', row, 20);
    row.set(datadog, 'doubtful', 'shop-waiting', now());
    expect(await judged('shop-waiting', { ...DRY, wait: '1s' })).toMatchObject({
      verdict: 'hold',
      rule: { cause: 'objective-at-risk', evidence: { raw: { good: '5880', total: '6000' } } },
    });
  });
});

describe('A monitor of a ring', () => {
  it('is no proof against a release while it still looks back to before its time', async () => {
    const row = DATADOG_CASES.find(({ kind }) => kind === 'datadog-monitor of a ring') as DatadogCase;
    await liveWith('shop-young', row, 6);
    row.set(datadog, 'harmful', 'shop-young', now());
    expect(await judged('shop-young')).toMatchObject({
      verdict: 'hold',
      rule: { cause: 'objective-at-risk', evidence: { obstacles: ['reaches-back'] } },
    });
  });
});

describe('An answer of Datadog that is no number to decide on', () => {
  const service = 'shop-uncertain';
  const row = DATADOG_CASES[0] as DatadogCase;
  beforeAll(async () => {
    const { indicator } = row.rule;
    await liveWith(service, { ...row, rule: { ...row.rule, absentBadMeansZero: false, indicator } });
  });
  beforeEach(async () => {
    datadog.limit = null;
    datadog.instead = null;
    row.set(datadog, 'good', service, now());
    await configure();
  });

  it('is all that keeps the release from promotion', async () => {
    expect(await judged(service, DRY)).toMatchObject({ verdict: 'promote' });
  });

  it.each(UNCERTAIN_DATADOG)(
    'holds with its cause, and would be noticed if it counted as zero: $what ($endpoint)',
    async ({ answer, cause, reason, endpoint }) => {
      datadog.instead = ({ path, body }) => {
        const asked = endpoint === 'timeseries' ? path.endsWith(endpoint) : body.includes('status:error');
        return asked ? answer : null;
      };
      expect(await judged(service, DRY)).toMatchObject({
        verdict: 'hold',
        rollback: null,
        rule: { verdict: 'hold', countedAs: 'hold', cause, ...(reason && { evidence: { reason } }) },
      });
      mistake.made = true;
      const wrong = await judged(service, DRY).finally(() => {
        mistake.made = false;
      });
      expect(wrong.verdict).toBe('promote');
    },
  );

  it('is told by a trial of the provider and by a preview of the rule as well', async () => {
    const tried = () => gate.call('POST', '/providers/datadog/check', { as: 'admin' });
    expect((await tried()).body).toMatchObject({ ok: true, kind: 'datadog', because: 'datadog answers queries.' });
    const preview = () => gate.call('POST', `/services/${service}/rules/health/preview`, { as: 'configurator' });
    expect((await preview()).body).toMatchObject({
      finding: { verdict: 'promote' },
      queries: expect.arrayContaining([
        expect.objectContaining({ part: 'total', window: '10m', measurement: { kind: 'value', value: '6000' } }),
      ]),
    });
    await configure();
    wrongKeys();
    expect((await tried()).body).toMatchObject({ ok: false, authenticated: false, outcome: 'unauthorized' });
    expect((await preview()).body).toMatchObject({ finding: { verdict: 'hold', cause: 'provider-unavailable' } });
  });

  it('is given without asking when the release has a name that Datadog cannot be asked for', async () => {
    datadog.requests.length = 0;
    const path = `/gates/${service}@1.0-RC1/canary`;
    await gate.call('GET', path);
    await gate.call('PUT', `/releases/${service}@1.0-RC1/rings/canary`, { body: { state: 'deployed' } });
    gate.minutes(9);
    const { body } = await gate.call('GET', `${path}?stage=exit`);
    const rule = body.findings.find(({ check }: { check: string }) => check === 'rule');
    expect({ verdict: body.verdict, rule }).toMatchObject({
      verdict: 'hold',
      rule: { cause: 'invalid-rule', because: expect.stringContaining('the value of ${version} is 1.0-RC1') },
    });
    expect(datadog.requests.filter(({ body }) => body.includes('RC1'))).toEqual([]);
  });
});

describe('The recipe for Datadog in the README', () => {
  const block = readmeBlocks().find(({ lines }) => lines.includes('"kind": "datadog"'))?.lines ?? '';
  const documents = [...block.matchAll(/^put (\S+) <<'JSON'\n([\s\S]*?)\nJSON$/gm)].map(([, path = '', text = '']) => ({
    path,
    document: JSON.parse(text),
  }));
  const release = '/gates/search@2.0/canary';

  it('lets a good release in and out, and takes a bad one back', async () => {
    datadog.instead = null;
    secrets.GATE_SECRET_DD_API = KEYS.apiKey;
    secrets.GATE_SECRET_DD_APP = KEYS.applicationKey;
    for (const { path, document } of documents) {
      const { site, ...provider } = document;
      const body = site === undefined ? document : { ...provider, url: datadog.url };
      const answer = await gate.call('PUT', path, { body, as: site === undefined ? 'configurator' : 'admin' });
      expect({ path, status: answer.status, body: answer.body }).toMatchObject({
        status: expect.toBeOneOf([200, 201]),
      });
    }
    let bad = 0;
    const tags = { service: 'search', version: '2.0', ring: 'canary' };
    const requests = (status: string, at: () => number) => ({ metric: 'http.requests', tags: { ...tags, status }, at });
    datadog.series.splice(
      0,
      Number.POSITIVE_INFINITY,
      requests('2xx', () => 100),
      requests('5xx', () => bad),
    );
    expect((await gate.call('GET', release)).body).toMatchObject({ verdict: 'promote' });
    await gate.call('PUT', '/releases/search@2.0/rings/canary', { body: { state: 'deployed' } });
    gate.minutes(16);
    expect((await gate.call('GET', `${release}?stage=exit&dryRun=true`)).body).toMatchObject({ verdict: 'promote' });
    bad = 20;
    gate.minutes(4);
    expect((await gate.call('GET', `${release}?stage=exit`)).body).toMatchObject({
      verdict: 'rollback',
      summary: expect.stringContaining('1200 of 7200 events were bad within 10m'),
    });
  });
});
