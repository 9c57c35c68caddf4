import { describe, expect, it } from 'vitest';
import type { ProviderDocument } from '../../src/app/ports.ts';
import type { Measurement, MetricQuestion } from '../../src/domain/measurement.ts';
import { type Provider, type Reading, unavailable } from '../../src/providers/ask.ts';
import type { AskInTurn } from '../../src/providers/in-turn.ts';
import { sharing } from '../../src/providers/sharing.ts';
import { QUESTION } from './asking.ts';

const NEVER = new AbortController().signal;
const MAIN: Provider = { name: 'main', document: { kind: 'prometheus', url: 'http://a' } };
const one = (measurement: Measurement = { kind: 'value', value: '1' }): Reading => ({ measurement, infos: [] });

/** A source whose flights land when the test says so, or at once. */
function source(answer: () => Reading | null = one) {
  const clock = { ms: 0 };
  const flights: { question: MetricQuestion; abandoned: AbortSignal; land: (reading: Reading | null) => void }[] = [];
  const held = { back: false };
  const ask: AskInTurn = (_provider, question, abandoned) => {
    const { promise, resolve } = Promise.withResolvers<Reading | null>();
    flights.push({ question, abandoned, land: resolve });
    if (!held.back) resolve(answer());
    return promise;
  };
  const shared = sharing(ask, () => clock.ms);
  return {
    clock,
    flights,
    held,
    ask(question: Partial<MetricQuestion> = {}, provider = MAIN, signal: AbortSignal = NEVER) {
      const asked = { ...QUESTION, ...question };
      return shared.known(provider, asked) ?? shared.ask(provider, asked, signal);
    },
  };
}

describe('callers who ask the same', () => {
  it('share one flight, and whoever comes later in the bucket its answer', async () => {
    const { ask, flights, held } = source();
    held.back = true;
    const all = Array.from({ length: 500 }, () => ask());
    flights[0]?.land(one());
    const readings = await Promise.all(all.map(({ reading }) => reading));
    expect(readings).toEqual(Array.from({ length: 500 }, () => one()));
    const late = ask();
    expect(await late.reading).toEqual(one());
    expect(flights.length).toBe(1);
    const sources = [...all, late].map((each) => each.source);
    expect([sources[0], sources[1], sources[499], sources[500]]).toEqual(['asked', 'shared', 'shared', 'kept']);
  });

  it('share it whatever their own name for it is', async () => {
    const { ask, flights } = source();
    await ask({ id: 'errors/canary/bad/0', part: 'bad' }).reading;
    await ask({ id: 'latency/early/value/3', part: 'value' }).reading;
    expect(flights.length).toBe(1);
  });

  it.each<[string, Partial<MetricQuestion>, Partial<ProviderDocument>, string?]>([
    ['another query', { query: 'up' }, {}],
    ['another instant', { at: '2026-11-22T10:00:10.000Z' }, {}],
    ['an earlier instant', { at: '2026-11-22T09:59:50.000Z' }, {}],
    ['another provider', {}, {}, 'other'],
    ['another address', {}, { url: 'http://b' }],
    ['a credential', {}, { auth: { kind: 'bearer', token: { env: 'GATE_SECRET_A' } } }],
    ['a tenant', {}, { headers: { 'X-Scope-OrgID': 'team-b' } }],
    ['a parameter', {}, { params: { dedup: 'false' } }],
    ['a profile', {}, { profile: 'thanos' }],
    ['a timeout', {}, { timeout: '1s' }],
  ])(
    'do not ask the same with %s: it is never answered from the other’s flight or bucket',
    async (_title, question, document, name = 'main') => {
      const { ask, flights } = source();
      await ask().reading;
      const changed = ask(question, { name, document: { ...MAIN.document, ...document } });
      expect(changed.source).toBe('asked');
      await changed.reading;
      expect(flights.length).toBe(2);
    },
  );

  it('do not ask the same with another name of the credential', async () => {
    const { ask, flights } = source();
    const by = (env: string): Provider => ({
      ...MAIN,
      document: { ...MAIN.document, auth: { kind: 'bearer', token: { env } } },
    });
    await ask({}, by('GATE_SECRET_A')).reading;
    await ask({}, by('GATE_SECRET_B')).reading;
    expect(flights.length).toBe(2);
  });
});

describe('a caller whose time is over', () => {
  it('leaves, and the flight goes on for the others', async () => {
    const { ask, flights, held } = source();
    held.back = true;
    const hasty = new AbortController();
    const first = ask({}, MAIN, hasty.signal).reading;
    const second = ask().reading;
    hasty.abort(new Error('late'));
    await expect(first).rejects.toThrow('late');
    expect(flights[0]?.abandoned.aborted).toBe(false);
    flights[0]?.land(one());
    expect(await second).toEqual(one());
  });

  it('tells the flight when it was the last, and a query that was sent still answers the next caller', async () => {
    const { ask, flights, held } = source();
    held.back = true;
    const hasty = new AbortController();
    const first = ask({}, MAIN, hasty.signal).reading;
    hasty.abort(new Error('late'));
    await expect(first).rejects.toThrow('late');
    expect(flights[0]?.abandoned.aborted).toBe(true);
    const second = ask();
    expect(second.source).toBe('shared');
    flights[0]?.land(one());
    expect(await second.reading).toEqual(one());
    expect(flights.length).toBe(1);
  });

  it('does not take the next one along when nothing was sent', async () => {
    const { ask, flights, held } = source();
    held.back = true;
    const hasty = new AbortController();
    const first = ask({}, MAIN, hasty.signal).reading;
    hasty.abort(new Error('late'));
    await expect(first).rejects.toThrow('late');
    const second = ask().reading;
    held.back = false;
    flights[0]?.land(null);
    expect(await second).toEqual(one());
    expect(flights.length).toBe(2);
  });
});

describe('an answer', () => {
  const LATER = [0, 999, 1_000, 9_999, 10_000];
  const asked = async (measurement: Measurement, tookMs = 0) => {
    const { ask, flights, held, clock } = source(() => one(measurement));
    held.back = true;
    const first = ask().reading;
    clock.ms += tookMs;
    flights[0]?.land(one(measurement));
    await first;
    held.back = false;
    const sources: string[] = [];
    for (const ms of LATER) {
      const known = flights.length;
      clock.ms = tookMs + ms;
      await ask().reading;
      sources.push(flights.length > known ? 'asked' : 'kept');
      if (flights.length > known) break;
    }
    return LATER[sources.indexOf('asked')] ?? Number.POSITIVE_INFINITY;
  };

  it.each<Measurement>([
    { kind: 'value', value: '0' },
    { kind: 'no-data' },
    { kind: 'not-a-number', value: 'NaN' },
    { kind: 'too-many-series', series: 2 },
    { kind: 'rejected', detail: 'parse error' },
  ])('of the kind $kind is the provider’s own word, and is used for one bucket and no longer', async (measurement) => {
    expect(await asked(measurement)).toBe(10_000);
  });

  it.each<Measurement>([
    { kind: 'partial', warnings: ['store down'] },
    { kind: 'deadline-exceeded' },
    { kind: 'unavailable', reason: 'connection', detail: 'reset' },
    { kind: 'unavailable', reason: 'unauthorized', detail: '401' },
    { kind: 'unavailable', reason: 'circuit-open', detail: 'failed' },
  ])('of the kind $kind may heal at any moment, and is used for a second', async (measurement) => {
    expect(await asked(measurement)).toBe(1_000);
  });

  it('that took its time is used until the end of the bucket it was asked in', async () => {
    expect(await asked({ kind: 'value', value: '1' }, 9_500)).toBe(999);
    expect(await asked({ kind: 'value', value: '1' }, 10_000)).toBe(0);
    expect(await asked({ kind: 'deadline-exceeded' }, 9_500)).toBe(999);
  });

  it('that never comes because of a defect of our own is a reason to hold', async () => {
    const shared = sharing(
      async () => {
        throw new Error('a defect');
      },
      () => 0,
    );
    const { measurement } = await shared.ask(MAIN, QUESTION, NEVER).reading;
    expect(measurement).toEqual(unavailable('misconfigured', 'the provider could not be asked').measurement);
  });
});
