/** Rules that speak in objectives, as their callers meet them: over HTTP, from saving to the sentence at night. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RuleDocument } from '../../src/domain/rule.ts';
import { aBurnRule, aSloRule } from '../support/builders.ts';
import { openEngine, type TestEngine } from '../support/engines.ts';
import { empty, vector } from '../support/fake-prometheus.ts';
import { type Answer, type Gate, startGate } from '../support/gate.ts';
import { aPipeline, type Pipeline } from '../support/pipeline.ts';

const OPEN = { plan: { allowUnmeasured: true } };

describe('An objective over HTTP', () => {
  let engine: TestEngine;
  let gate: Gate;
  const pipelines: Pipeline[] = [];

  beforeAll(async () => {
    engine = await openEngine('embedded');
    gate = await startGate(engine);
  });
  afterAll(async () => {
    await Promise.all(pipelines.map((pipeline) => pipeline.stop()));
    await gate.stop();
    await engine.destroy();
  });

  async function pipelineWith(rule: RuleDocument, setup: object = OPEN): Promise<Pipeline> {
    const pipeline = await aPipeline(gate, { ...setup, rules: { slo: rule } });
    pipelines.push(pipeline);
    return pipeline;
  }
  async function inCanary(rule: RuleDocument, setup?: object): Promise<Pipeline> {
    const pipeline = await pipelineWith(rule, setup);
    await pipeline.expect('promote', '1', 'canary');
    await pipeline.report('1', 'canary', { state: 'deployed' });
    return pipeline;
  }
  const ruleIn = (body: Answer['body']) => body.findings.find(({ check }: { check: string }) => check === 'rule');

  it('is given back as it was saved, whatever it says', async () => {
    const slices = { window: '5m', target: 0.95 };
    const window = { calendar: 'week', timeZone: 'Pacific/Auckland' } as const;
    const rule = aSloRule({ burnRates: 'google-28d', objective: { target: 0.95, window, slices } });
    const { service } = await pipelineWith(rule);
    const { body } = await gate.call('GET', `/services/${service}/rules/slo`, { as: 'auditor' });
    expect({ ...body, indicator: null }).toEqual({ ...rule, indicator: null });
  });

  it.each<[string, RuleDocument, string, string]>([
    ['a target of 100 %', aSloRule({ objective: { target: 1 } }), '/objective/target', 'leaves no budget'],
    [
      'a factor that can never fire',
      aSloRule({ objective: { target: 0.93 } }),
      '/burnRates/0/factor',
      'could never fire',
    ],
    ['a budget for one release', aBurnRule({ budget: { holdBelow: 0.1 } }), '/budget', 'belongs to the whole service'],
    [
      'burning that takes back a whole service',
      aSloRule({ burnRates: [{ long: '1h', short: '5m', factor: 2, verdict: 'rollback' }] }),
      '/burnRates/0/verdict',
      'can only hold',
    ],
    [
      'a zone nobody lives in',
      aSloRule({ objective: { target: 0.999, window: { calendar: 'day', timeZone: 'Europe/Atlantis' } } }),
      '/objective/window/timeZone',
      'not a time zone',
    ],
  ])('is refused with %s, and says why', async (_what, rule, pointer, why) => {
    const path = `/services/${pipelines[0]?.service}/rules/slo`;
    const body = { ...rule, indicator: { ...rule.indicator, provider: 'prom-1' } };
    const answer = await gate.call('PUT', path, { body, as: 'configurator' });
    expect(answer).toMatchObject({
      status: 400,
      body: { errors: expect.arrayContaining([{ pointer, message: expect.stringContaining(why) }]) },
    });
  });

  it('holds while the budget is short, says when enough is back, and lets exempt changes pass', async () => {
    const pipeline = await pipelineWith(aSloRule({ burnRates: 'google-30d' }));
    pipeline.counts(3, 60_000);
    pipeline.counts(37_000, 40_000_000, '[30d]');
    const { status, body, headers } = await pipeline.ask('1', 'canary');
    expect({ status, verdict: headers.get('gate-verdict') }).toEqual({ status: 429, verdict: 'hold' });
    const finding = ruleIn(body);
    expect(finding).toMatchObject({
      ...{ cause: 'budget-exhausted', clears: 'by-data', clearsAt: expect.stringMatching(/Z$/) },
      because: 'slo: 7.5% of the 30d budget is left, less than the 10% that must be.',
      evidence: { budget: { remaining: '0.075', badLeft: '3000', presentBurn: '0.05', recoversAt: finding.clearsAt } },
    });
    expect(finding.evidence.windows).toHaveLength(9);
    expect(body.earliestPromoteAt).toBe(finding.clearsAt);
    const claim = await gate.call('POST', '/tokens', {
      as: 'admin',
      body: { name: 'hotfix', role: 'pipeline', expires: '1d', changes: ['standard', 'security'] },
    });
    const as = { headers: { authorization: `Bearer ${claim.body.token}` } };
    const passed = await fetch(`${gate.url}/gates/${pipeline.service}@1/canary?change=security`, as);
    expect(passed.headers.get('gate-verdict')).toBe('promote');
    expect(ruleIn(await passed.json())).toMatchObject({ cause: 'tolerated', evidence: { exempt: 'security' } });
    expect((await pipeline.ask('1', 'canary', { change: 'security' })).status).toBe(403);
  });

  it('takes a release back that burns, in words for the night, and says what stands between while it is early', async () => {
    const pipeline = await inCanary(aBurnRule());
    pipeline.simulates(() => ({ bad: 1, total: 20 }));
    gate.minutes(5);
    const body = await pipeline.expect('rollback', '1', 'canary', { stage: 'exit' });
    expect(ruleIn(body)).toMatchObject({
      cause: 'burning-fast',
      because: expect.stringContaining(
        'errors come at 50 times the sustainable rate over 1h (50 over 5m) in canary; the limit is 14.4',
      ),
      evidence: {
        windows: [
          { window: '1h', bad: '3600', total: '72000', ratio: '0.05', burnRate: '50', factor: '14.4' },
          { window: '5m' },
        ],
      },
    });
    const few = await inCanary(aBurnRule());
    few.counts(9, 400);
    gate.minutes(5);
    const held = await few.expect('hold', '1', 'canary', { stage: 'exit' });
    expect(ruleIn(held)).toMatchObject({
      cause: 'burning',
      needs: expect.stringMatching(/^No rollback, because there are too few bad events/),
    });
  });

  it('does not take silence for success: no total, a total of zero, and good events that are not there', async () => {
    const pipeline = await inCanary(aBurnRule());
    gate.minutes(20);
    await pipeline.answers((query) => (query.startsWith('time()') ? vector('1') : empty()));
    const silent = ruleIn(await pipeline.expect('hold', '1', 'canary', { stage: 'exit' }));
    expect(silent).toMatchObject({
      cause: 'no-data',
      because: expect.stringContaining('that is not the same as no errors'),
    });
    await pipeline.answers((query) => vector(query.startsWith('time()') ? '1' : '0'));
    const zero = ruleIn(await pipeline.expect('hold', '1', 'canary', { stage: 'exit' }));
    expect(zero).toMatchObject({ cause: 'no-data', evidence: { reason: 'zero' } });
    const { indicator } = aBurnRule();
    const total = 'total' in indicator ? indicator.total : '';
    const good = total.replace('}[', ',code!~"5.."}[');
    const ofGood = await inCanary(aBurnRule({ indicator: { kind: 'ratio', provider: 'main', good, total } }));
    gate.minutes(20);
    await ofGood.answers((query) =>
      query.startsWith('time()') ? vector('1') : query.includes('5..') ? empty() : vector('1000'),
    );
    const finding = ruleIn(await ofGood.expect('hold', '1', 'canary', { stage: 'exit' }));
    expect(finding).toMatchObject({ cause: 'no-data', evidence: { part: 'good' } });
  });

  it('says of little traffic how long it takes, or every way out; and lets a quiet release go on after a while', async () => {
    const pipeline = await inCanary(aBurnRule());
    gate.minutes(20);
    pipeline.counts(0, 200);
    const soon = ruleIn(await pipeline.expect('hold', '1', 'canary', { stage: 'exit' }));
    expect(soon).toMatchObject({
      cause: 'too-few-events',
      clears: 'by-data',
      clearsAt: expect.any(String),
      needs: expect.stringMatching(/^100 more events, about 10m\d*s? at the present rate/),
    });
    gate.minutes(120);
    pipeline.counts(0, 12);
    const never = ruleIn(await pipeline.expect('hold', '1', 'canary', { stage: 'exit' }));
    expect(never.needs).toContain('the window never holds enough');
    expect(never.needs).toContain('uncertain.promoteAfter');
    const quiet = await inCanary(aBurnRule({ uncertain: { 'too-few-events': { promoteAfter: '24h' } } }));
    quiet.counts(0, 12);
    gate.minutes(23 * 60);
    const waiting = ruleIn(await quiet.expect('hold', '1', 'canary', { stage: 'exit' }));
    expect(waiting).toMatchObject({ clears: 'by-time', needs: expect.stringContaining('Or nothing bad until') });
    gate.minutes(2 * 60);
    expect(ruleIn(await quiet.expect('promote', '1', 'canary', { stage: 'exit' })).cause).toBe('tolerated');
  });
});
