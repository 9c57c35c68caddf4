/** Not knowing is never promote and never rollback: everything a metric source can say, through the whole gate. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aRule, aService } from '../support/builders.ts';
import { openEngine, type TestEngine } from '../support/engines.ts';
import { type FakePrometheus, flood, startFakePrometheus, vector } from '../support/fake-prometheus.ts';
import { type Gate, startGate } from '../support/gate.ts';
import { UNCERTAIN, type Uncertain } from '../support/uncertain-answers.ts';
import { zeroWhenMistaken } from '../support/zero-when-mistaken.ts';

const DEADLINE_MS = 6_000;
const MIB = 1024 * 1024;

describe('An answer that is no number to decide on', () => {
  let engine: TestEngine;
  let gate: Gate;
  let source: FakePrometheus;
  const mistake = { made: false };
  let round = 0;

  beforeAll(async () => {
    engine = await openEngine('embedded');
    source = await startFakePrometheus();
    gate = await startGate(engine, { providers: zeroWhenMistaken(mistake, async () => 'secret') });
    await set({ url: source.url });
    await gate.call('PUT', '/services/checkout', { body: aService(), as: 'configurator' });
    const body = aRule({ absentBadMeansZero: false });
    expect((await gate.call('PUT', '/services/checkout/rules/errors', { body, as: 'configurator' })).status).toBe(201);
    answers(vector('0'));
    expect((await gate.call('GET', '/gates/checkout@1.0/canary')).headers.get('gate-verdict')).toBe('promote');
    await gate.call('PUT', '/releases/checkout@1.0/rings/canary', { body: { state: 'deployed' } });
    gate.minutes(20);
  });
  afterAll(async () => {
    await gate.stop();
    await source.stop();
    await engine.destroy();
  });

  /** Another document is another source: no circuit, no pause and no answer is left of the row before. */
  async function set(document: { url: string; timeout?: string }): Promise<void> {
    round += 1;
    const body = { kind: 'prometheus', timeout: '20s', ...document, params: { round: String(round) } };
    expect((await gate.call('PUT', '/providers/main', { body, as: 'admin' })).status).toBeLessThan(300);
  }
  /** Plenty of fresh events; only the bad ones, or the age, are answered so. */
  function answers(answer: Uncertain['answer'], part: 'bad' | 'age' = 'bad'): void {
    source.answer((form) => {
      const query = form.get('query') ?? '';
      if (query.startsWith('time()')) return part === 'age' ? answer : vector('1');
      if (query.includes('5..')) return part === 'bad' ? answer : vector('0');
      return vector('1000');
    });
  }
  const ask = (query: Record<string, string> = {}) =>
    gate.call('GET', `/gates/checkout@1.0/canary?${new URLSearchParams({ stage: 'exit', dryRun: 'true', ...query })}`);
  const ruleIn = (body: { findings: { check: string; cause: string }[] }) =>
    body.findings.find(({ check }) => check === 'rule');

  it('stands in a table of at least 40 kinds, each once', () => {
    expect(new Set(UNCERTAIN.map(({ what }) => what)).size).toBe(UNCERTAIN.length);
    expect(UNCERTAIN.length).toBeGreaterThanOrEqual(40);
  });

  it('is all that keeps the release from promotion', async () => {
    await set({ url: source.url });
    answers(vector('0'));
    expect((await ask()).headers.get('gate-verdict')).toBe('promote');
  });

  it.each(UNCERTAIN)('holds with its cause, and would be noticed if it counted as zero: $what', async (row) => {
    const { url = source.url, timeout } = row;
    await set({ url, ...(timeout && { timeout }) });
    answers(row.answer, row.part);
    const startedAt = performance.now();
    // Not a dry run: this is what a pipeline asks.
    const { headers, body } = await ask({ dryRun: 'false', deadline: `${DEADLINE_MS}ms` });
    expect(performance.now() - startedAt).toBeLessThan(DEADLINE_MS);
    expect(headers.get('gate-verdict')).toBe('hold');
    expect(body.rollback).toBeNull();
    expect(ruleIn(body)).toMatchObject({
      verdict: 'hold',
      countedAs: 'hold',
      cause: row.cause,
      ...(row.reason && { evidence: { reason: row.reason } }),
    });
    mistake.made = true;
    const wrong = await ask();
    mistake.made = false;
    expect(wrong.headers.get('gate-verdict')).toBe('promote');
  });

  it('of a gigabyte takes no more than a few megabytes of our memory', async () => {
    await set({ url: source.url });
    answers(flood(1_000_000_000));
    const before = process.memoryUsage().rss;
    let most = 0;
    const timer = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss - before);
    }, 5);
    const { body } = await ask({ deadline: '20s' });
    clearInterval(timer);
    expect(ruleIn(body)).toMatchObject({ cause: 'provider-unavailable', evidence: { reason: 'too-large' } });
    expect(Math.max(most, process.memoryUsage().rss - before)).toBeLessThan(50 * MIB);
  });

  it('is not waited for beyond the decision’s own deadline, however much time the source has', async () => {
    await set({ url: source.url, timeout: '20s' });
    answers(() => undefined);
    const startedAt = performance.now();
    const { headers, body } = await ask({ deadline: '1s' });
    expect(performance.now() - startedAt).toBeLessThan(DEADLINE_MS);
    expect(headers.get('gate-verdict')).toBe('hold');
    expect(ruleIn(body)).toMatchObject({ cause: 'deadline-exceeded' });
  });

  it('from a source that fails on and on says at last that it is left alone, and why', async () => {
    await set({ url: 'http://127.0.0.1:1' });
    for (let i = 0; i < 3; i += 1) {
      gate.minutes(1);
      await ask();
    }
    const { headers, body } = await ask();
    expect(headers.get('gate-verdict')).toBe('hold');
    expect(ruleIn(body)).toMatchObject({
      cause: 'provider-unavailable',
      because: 'The provider main is not asked for a moment because it failed several times in a row in canary.',
      clears: 'by-data',
      evidence: { reason: 'circuit-open', detail: 'it failed 5 times in a row' },
    });
  });
});
