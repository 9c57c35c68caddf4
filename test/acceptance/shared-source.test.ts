/** However many gates ask: the metric source sees each question once per bucket, and a few at a time. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MetricProviders } from '../../src/app/ports.ts';
import { createProviders, type ProviderOptions } from '../../src/providers/registry.ts';
import { aRule, aService } from '../support/builders.ts';
import { type FakePrometheus, startFakePrometheus, vector } from '../support/fake-prometheus.ts';
import { type MemoryGate, startMemoryGate } from '../support/memory-gate.ts';

const BUCKET_MS = 10_000;

const options: ProviderOptions = {
  readSecret: async () => 'secret',
  events: { asked: () => undefined, circuit: () => undefined },
  nowMs: Date.now,
  monotonicMs: () => 0,
  random: Math.random,
};

describe('Many gates with one source', () => {
  let source: FakePrometheus;
  const flying = { now: 0, most: 0 };

  beforeEach(async () => {
    source = await startFakePrometheus();
    flying.now = 0;
    flying.most = 0;
    source.answer(async (form) => {
      flying.now += 1;
      flying.most = Math.max(flying.most, flying.now);
      await new Promise((resolve) => setTimeout(resolve, 5));
      flying.now -= 1;
      const query = form.get('query') ?? '';
      return vector(query.startsWith('time()') ? '1' : query.includes('5..') ? '0' : '1000');
    });
  });
  afterEach(() => source.stop());

  /** A release of each service, live in canary and measured there, on its way to the next ring. */
  async function rollouts(services: readonly string[], providers?: MetricProviders): Promise<MemoryGate> {
    const gate = await startMemoryGate(providers);
    await gate.put('/providers/main', { kind: 'prometheus', url: source.url, timeout: '20s' });
    for (const service of services) {
      await gate.put(`/services/${service}`, aService());
      await gate.put(`/services/${service}/rules/errors`, aRule());
      await gate.call('GET', `/gates/${service}@1.0/canary`);
      await gate.put(`/releases/${service}@1.0/rings/canary`, { state: 'deployed' });
    }
    gate.store.advance(5 * 60_000);
    source.requests.length = 0;
    return gate;
  }
  const ask = async (gate: MemoryGate, service: string) => {
    const { headers, body } = await gate.call('GET', `/gates/${service}@1.0/early?deadline=25s`);
    const causes = body.findings.map((finding: { cause: string }) => finding.cause);
    return { told: headers.get('gate-verdict'), causes, measured: causes.includes('objective-met') };
  };
  const asked = () => source.requests.map(({ form }) => `${form.get('time')} ${form.get('query')}`);
  /** What one gate alone asks. */
  async function oneSet(gate: MemoryGate, service: string): Promise<number> {
    await ask(gate, service);
    const count = asked().length;
    source.requests.length = 0;
    gate.store.advance(BUCKET_MS);
    return count;
  }

  it('sees one set of queries per bucket from 500 concurrent gates for one release', async () => {
    const gate = await rollouts(['checkout']);
    const set = await oneSet(gate, 'checkout');
    expect(set).toBeGreaterThanOrEqual(3);
    for (const gates of [500, 20]) {
      const answers = await Promise.all(Array.from({ length: gates }, () => ask(gate, 'checkout')));
      expect(answers.filter(({ told, measured }) => told === 'hold' && measured).length).toBe(gates);
      expect(new Set(asked()).size).toBe(set);
      expect(asked().length).toBe(set);
      source.requests.length = 0;
      gate.store.advance(BUCKET_MS);
    }
    await gate.stop();
  }, 60_000);

  it('would see as many sets as gates without the sharing', async () => {
    const unshared: MetricProviders = { ask: (...question) => createProviders(options).ask(...question) };
    const gate = await rollouts(['checkout'], unshared);
    const set = await oneSet(gate, 'checkout');
    await Promise.all(Array.from({ length: 20 }, () => ask(gate, 'checkout')));
    expect(asked().length).toBe(20 * set);
    await gate.stop();
  });

  it('has at most eight queries at a time from 2,000 calls over 20 releases, and all are answered', async () => {
    const services = Array.from({ length: 20 }, (_, i) => `shop-${i}`);
    const gate = await rollouts(services);
    const calls = Array.from({ length: 100 }, () => services).flat();
    const answers = await Promise.all(calls.map((service) => ask(gate, service)));
    expect(answers.filter(({ told, measured }) => told === 'hold' && measured).length).toBe(2000);
    expect(flying.most).toBe(8);
    expect(asked().length).toBe(new Set(asked()).size);
    await gate.stop();
  }, 120_000);

  it('would have more at a time without the bound', async () => {
    const services = Array.from({ length: 20 }, (_, i) => `shop-${i}`);
    const gate = await rollouts(services, createProviders({ ...options, maxConcurrent: 100 }));
    await Promise.all(services.map((service) => ask(gate, service)));
    expect(flying.most).toBeGreaterThan(8);
    await gate.stop();
  });
});
