import { describe, expect, it } from 'vitest';
import type { Measurement, UnavailableReason } from '../../src/domain/measurement.ts';
import { type Ask, type Call, DEADLINE, type Provider, type Reading, unavailable } from '../../src/providers/ask.ts';
import { breaking } from '../../src/providers/breaking.ts';
import { QUESTION } from './asking.ts';

const MAIN: Provider = { name: 'main', document: { kind: 'prometheus', url: 'http://a' } };
const CALL: Call = { signal: new AbortController().signal, leftMs: () => 3000 };
const GOOD: Reading = { measurement: { kind: 'value', value: '1' }, infos: [] };
const DOWN = unavailable('connection', 'refused');
const of = (measurement: Measurement): Reading => ({ measurement, infos: [] });

function provider(random = 0) {
  const clock = { ms: 1_000_000 };
  const state = { now: DOWN as Reading | Promise<Reading> };
  const states: string[] = [];
  let asked = 0;
  const inner: Ask = async () => {
    asked += 1;
    return state.now;
  };
  const ask = breaking(inner, {
    monotonicMs: () => clock.ms,
    random: () => random,
    onState: (_name, word) => void states.push(word),
  });
  return {
    clock,
    states,
    asked: () => asked,
    answers(reading: Reading | Promise<Reading>) {
      state.now = reading;
    },
    ask: (call: Call = CALL, to = MAIN) => ask(to, QUESTION, call),
    async fails(times: number) {
      for (let i = 0; i < times; i += 1) await ask(MAIN, QUESTION, CALL);
    },
  };
}

const OPEN = unavailable('circuit-open', 'it failed 5 times in a row');

describe('a provider that fails', () => {
  it('is left alone after the fifth failure in a row, with a reason of its own', async () => {
    const main = provider();
    await main.fails(4);
    expect(await main.ask()).toBe(DOWN);
    expect(await main.ask()).toEqual(OPEN);
    expect(main.asked()).toBe(5);
    expect(main.states).toEqual(['closed', 'open']);
  });

  it.each<UnavailableReason>(['connection', 'server-error', 'rate-limited'])('does so by %s', async (reason) => {
    const main = provider();
    main.answers(unavailable(reason, 'x'));
    await main.fails(5);
    expect(await main.ask()).toEqual(OPEN);
  });

  it('does so by not answering in time', async () => {
    const main = provider();
    main.answers(DEADLINE);
    await main.fails(5);
    expect(await main.ask()).toEqual(OPEN);
  });

  it('is not left alone for failures that lie ten seconds apart', async () => {
    const main = provider();
    for (let i = 0; i < 20; i += 1) {
      await main.fails(1);
      main.clock.ms += 2_500;
    }
    expect(main.asked()).toBe(20);
    expect(await main.ask()).toBe(DOWN);
  });

  it('is not left alone while it answers others in between', async () => {
    const main = provider();
    for (let i = 0; i < 5; i += 1) {
      main.answers(DOWN);
      await main.fails(4);
      main.answers(GOOD);
      await main.ask();
    }
    expect(main.states).toEqual(['closed']);
  });

  it.each<Reading>([
    of({ kind: 'no-data' }),
    of({ kind: 'not-a-number', value: 'NaN' }),
    of({ kind: 'too-many-series', series: 2 }),
    of({ kind: 'rejected', detail: 'parse error' }),
    of({ kind: 'partial', warnings: ['x'] }),
    ...(
      [
        'unauthorized',
        'redirect',
        'address-refused',
        'not-json',
        'unexpected-answer',
        'too-large',
        'clock-skew',
      ] as const
    ).map((reason) => unavailable(reason, 'x')),
    unavailable('misconfigured', 'x'),
  ])('is one that works as far as the circuit is concerned: $measurement', async (reading) => {
    const main = provider();
    main.answers(reading);
    await main.fails(20);
    expect(main.asked()).toBe(20);
    expect(main.states).toEqual(['closed']);
  });

  it('does not take another provider along, nor its own mended document', async () => {
    const main = provider();
    await main.fails(5);
    main.answers(GOOD);
    expect(await main.ask(CALL, { ...MAIN, name: 'other' })).toBe(GOOD);
    expect(await main.ask(CALL, { ...MAIN, document: { ...MAIN.document, url: 'http://b' } })).toBe(GOOD);
  });
});

describe('a provider that is left alone', () => {
  it('is probed with one query after 5 s at the earliest, and asked as usual when that is answered', async () => {
    const main = provider();
    await main.fails(5);
    main.clock.ms += 4_999;
    expect(await main.ask()).toEqual(OPEN);
    main.clock.ms += 1;
    const probe = Promise.withResolvers<Reading>();
    main.answers(probe.promise);
    const all = Array.from({ length: 20 }, () => main.ask());
    expect(main.asked()).toBe(6);
    main.answers(GOOD);
    probe.resolve(GOOD);
    expect(await Promise.all(all)).toEqual(Array.from({ length: 20 }, () => GOOD));
    expect(main.asked()).toBe(25);
    expect(main.states).toEqual(['closed', 'open', 'half-open', 'closed']);
  });

  it('stays alone when the probe fails, and nobody else is sent', async () => {
    const main = provider();
    await main.fails(5);
    main.clock.ms += 5_000;
    const all = Array.from({ length: 20 }, () => main.ask());
    const readings = await Promise.all(all);
    expect(readings.filter((reading) => reading === DOWN).length).toBe(1);
    expect(main.asked()).toBe(6);
    expect(main.states).toEqual(['closed', 'open', 'half-open', 'open']);
  });

  it('waits up to 10, 20 and 30 s, and never longer', async () => {
    const main = provider(1);
    await main.fails(5);
    for (const ms of [10_000, 20_000, 30_000, 30_000]) {
      main.clock.ms += ms - 1;
      expect(await main.ask()).toEqual(OPEN);
      main.clock.ms += 1;
      expect(await main.ask()).toBe(DOWN);
    }
  });

  it('is probed again when a probe never ended', async () => {
    const main = provider();
    await main.fails(5);
    main.clock.ms += 5_000;
    main.answers(new Promise(() => undefined));
    const over = new AbortController();
    const probe = main.ask({ ...CALL, signal: over.signal });
    over.abort();
    expect(await probe).toBe(DEADLINE);
    expect(main.states.at(-1)).toBe('open');
  });

  it('is not asked on behalf of a caller that has gone while it waited for the probe', async () => {
    const main = provider();
    await main.fails(5);
    main.clock.ms += 5_000;
    const probe = Promise.withResolvers<Reading>();
    main.answers(probe.promise);
    const first = main.ask();
    const gone = new AbortController();
    const second = main.ask({ ...CALL, signal: gone.signal });
    gone.abort();
    probe.resolve(GOOD);
    expect(await first).toBe(GOOD);
    await expect(second).rejects.toThrow();
    expect(main.asked()).toBe(6);
  });
});
