import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProviderDocument } from '../../src/app/ports.ts';
import * as fake from '../support/fake-prometheus.ts';
import { providersForTest, QUESTION } from './asking.ts';

describe('asking a provider', () => {
  let server: fake.FakePrometheus;
  beforeEach(async () => {
    server = await fake.startFakePrometheus();
    server.answer(() => fake.vector('1'));
  });
  afterEach(() => server.stop());

  it('gives the question back together with what was measured', async () => {
    const measured = await providersForTest().ask({ url: server.url });
    expect(measured).toEqual({ ...QUESTION, measurement: { kind: 'value', value: '1' }, infos: [] });
  });

  it('of an unknown kind is a reason to hold, never a default', async () => {
    for (const kind of ['graphite', 'toString', '__proto__', '', undefined]) {
      const { measurement } = await providersForTest().ask({ url: server.url, kind } as Partial<ProviderDocument>);
      expect(measurement).toMatchObject({ kind: 'unavailable', reason: 'misconfigured' });
    }
    expect(server.requests).toEqual([]);
  });

  it('with a document that is broken answers all the same', async () => {
    const broken = [
      { url: undefined },
      { url: server.url, timeout: 'soon' },
      { url: server.url, auth: { kind: 'kerberos' } },
      { url: server.url, auth: { kind: 'bearer' } },
      { url: server.url, params: 5, headers: 5 },
      { kind: 'recorded', answers: 5 },
    ] as unknown as Partial<ProviderDocument>[];
    for (const document of broken) {
      const { measurement } = await providersForTest().ask(document);
      expect(['unavailable', 'value']).toContain(measurement.kind);
    }
    const { providers } = providersForTest();
    const nothing = { name: 'main', document: null as unknown as ProviderDocument };
    expect((await providers.ask(nothing, QUESTION, 1000)).measurement.kind).toBe('unavailable');
  });

  it('without any time left is over at once, and nothing is asked', async () => {
    for (const withinMs of [0, -1, Number.NaN]) {
      expect((await providersForTest().ask({ url: server.url }, withinMs)).measurement.kind).toBe('deadline-exceeded');
    }
    expect(server.requests).toEqual([]);
  });

  it('is over in time when the secret never comes', async () => {
    const { ask } = providersForTest({ readSecret: () => new Promise(() => undefined) });
    const auth = { kind: 'bearer', token: { env: 'GATE_SECRET_TEST' } } as const;
    expect((await ask({ url: server.url, auth }, 100)).measurement).toEqual({ kind: 'deadline-exceeded' });
  });

  it('is announced with its outcome, for a failure with the reason', async () => {
    const { ask, events } = providersForTest();
    const answers = { a: fake.vector('1'), b: fake.text('', 401), c: fake.silent };
    server.answer((form) => answers[form.get('query') as keyof typeof answers]);
    await ask({ url: server.url }, 5000, { query: 'a' });
    await ask({ url: server.url }, 5000, { query: 'b' });
    await ask({ url: server.url }, 100, { query: 'c' });
    expect(events.map(({ provider, outcome }) => [provider, outcome])).toEqual([
      ['main', 'value'],
      ['main', 'unauthorized'],
      ['main', 'deadline-exceeded'],
    ]);
    expect(events.every(({ durationMs }) => durationMs > 0)).toBe(true);
  });

  it('is answered even when announcing it fails', async () => {
    const asked = () => {
      throw new Error('telemetry is broken');
    };
    const { ask } = providersForTest({ events: { asked, circuit: asked } });
    expect((await ask({ url: server.url })).measurement.kind).toBe('value');
  });
});

describe('many questions at once', () => {
  const twelve = Array.from({ length: 12 }, (_, i) => `up == ${i}`);
  let server: fake.FakePrometheus;
  beforeEach(async () => {
    server = await fake.startFakePrometheus();
  });
  afterEach(() => server.stop());

  it('reach one provider a few at a time, and all are answered', async () => {
    let now = 0;
    let most = 0;
    server.answer(async () => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setTimeout(resolve, 10));
      now -= 1;
      return fake.vector('1');
    });
    const { ask } = providersForTest({ maxConcurrent: 3 });
    const all = await Promise.all(twelve.map((query) => ask({ url: server.url }, 5000, { query })));
    expect(all.map(({ measurement }) => measurement.kind)).toEqual(twelve.map(() => 'value'));
    expect(most).toBe(3);
  });

  it('lose no place to those that gave up, whether asking or waiting', async () => {
    const { ask } = providersForTest({ maxConcurrent: 2 });
    const document = { url: server.url, timeout: '300ms' };
    server.answer(() => fake.silent);
    const late = await Promise.all(twelve.map((query) => ask(document, 150, { query })));
    expect(late.every(({ measurement }) => measurement.kind === 'deadline-exceeded')).toBe(true);
    expect(server.requests.length).toBeLessThanOrEqual(2);
    server.answer(() => fake.vector('1'));
    const next = await Promise.all(twelve.map((query) => ask(document, 5000, { query: `${query} again` })));
    expect(next.every(({ measurement }) => measurement.kind === 'value')).toBe(true);
  });

  it('do not hand a place to one that has gone while it waited', async () => {
    const { ask } = providersForTest({ maxConcurrent: 1 });
    const document = { url: server.url, timeout: '400ms' };
    server.answer((form) => (form.get('query') === 'holder' ? fake.silent : fake.vector('1')));
    const holder = ask(document, 5000, { query: 'holder' });
    const gone = await ask(document, 50, { query: 'gone' });
    expect(gone.measurement.kind).toBe('deadline-exceeded');
    const waiter = ask(document, 5000, { query: 'waiter' });
    expect((await holder).measurement.kind).toBe('deadline-exceeded');
    expect((await waiter).measurement.kind).toBe('value');
    expect(server.requests.map(({ form }) => form.get('query'))).toEqual(['holder', 'waiter']);
  });

  it('to a slow provider do not delay another one', async () => {
    const quick = await fake.startFakePrometheus();
    quick.answer(() => fake.vector('1'));
    server.answer(() => fake.silent);
    const { providers } = providersForTest({ maxConcurrent: 1 });
    const slow = providers.ask({ name: 'slow', document: { kind: 'prometheus', url: server.url } }, QUESTION, 2000);
    const fast = await providers.ask(
      { name: 'fast', document: { kind: 'prometheus', url: quick.url } },
      QUESTION,
      2000,
    );
    expect(fast.measurement.kind).toBe('value');
    expect((await slow).measurement.kind).toBe('deadline-exceeded');
    await quick.stop();
  });
});
