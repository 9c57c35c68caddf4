import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Call, DEADLINE, type Provider, type Reading, unavailable } from '../../src/providers/ask.ts';
import { retrying } from '../../src/providers/retrying.ts';
import * as fake from '../support/fake-prometheus.ts';
import { providersForTest, QUESTION } from './asking.ts';

const MAIN: Provider = { name: 'main', document: { kind: 'prometheus', url: 'http://a' } };
const GOOD: Reading = { measurement: { kind: 'value', value: '1' }, infos: [] };
const FAILED: Reading = { ...unavailable('connection', 'reset'), transient: true };
const CALL: Call = { signal: new AbortController().signal, leftMs: () => 3000 };

describe('a question that was not answered', () => {
  let server: fake.FakePrometheus;
  beforeAll(async () => {
    server = await fake.startFakePrometheus();
  });
  afterAll(() => server.stop());

  const attempts = async (first: fake.FakeAnswer) => {
    const before = server.requests.length;
    server.answer(() => (server.requests.length === before + 1 ? first : fake.vector('1')));
    const { measurement } = await providersForTest().ask({ url: server.url });
    return { attempts: server.requests.length - before, kind: measurement.kind };
  };

  it.each<[string, fake.FakeAnswer]>([
    ['a connection that is closed', fake.hangUp],
    ['a reset in the middle', fake.resetMidBody],
    ['an answer that is cut off', fake.cutOff],
    ['500 internal', fake.apiError('internal', 'x')],
    ['500 unavailable', fake.apiError('unavailable', 'x')],
    ['502', fake.text('<html>', 502, 'text/html')],
    ['503 of a starting server', fake.text('Service Unavailable', 503)],
    ['503 timeout', fake.apiError('timeout', 'x')],
    ['504', fake.text('', 504)],
  ])('because of %s is asked once more', async (_title, answer) => {
    expect(await attempts(answer)).toEqual({ attempts: 2, kind: 'value' });
  });

  it.each<[string, fake.FakeAnswer]>([
    ['400', fake.apiError('bad_data', 'x')],
    ['401', fake.text('', 401)],
    ['404', fake.text('', 404)],
    ['408', fake.text('', 408)],
    ['422', fake.apiError('execution', 'x')],
    ['429', fake.text('', 429)],
    ['499', fake.apiError('canceled', 'x')],
    ['501', fake.text('', 501)],
    ['a redirect', fake.redirect('/')],
    ['no data', fake.empty()],
    ['NaN', fake.vector('NaN')],
    ['a partial answer', fake.vector('1', { warnings: ['store down'] })],
    ['HTML', fake.text('<html>', 200, 'text/html')],
    ['too much', fake.flood(3_000_000)],
  ])('as we wish, but with %s, is not', async (_title, answer) => {
    expect((await attempts(answer)).attempts).toBe(1);
  });
});

describe('a retry', () => {
  const counted = (answers: () => Reading) => {
    const calls = { count: 0 };
    const ask = retrying(
      async () => {
        calls.count += 1;
        return answers();
      },
      () => 0,
    );
    return { calls, ask };
  };

  it('is made once, and its answer stands', async () => {
    const { calls, ask } = counted(() => FAILED);
    expect(await ask(MAIN, QUESTION, CALL)).toBe(FAILED);
    expect(calls.count).toBe(2);
  });

  it('that the circuit no longer lets through leaves the first failure standing, which says what is wrong', async () => {
    let reading = FAILED;
    const { ask } = counted(() => {
      const now = reading;
      reading = unavailable('circuit-open', 'it failed 5 times in a row');
      return now;
    });
    expect(await ask(MAIN, QUESTION, CALL)).toBe(FAILED);
  });

  it('is not made when too little time is left for it', async () => {
    const { calls, ask } = counted(() => FAILED);
    await ask(MAIN, QUESTION, { ...CALL, leftMs: () => 149 });
    expect(calls.count).toBe(1);
  });

  it('is made for at most a tenth of the calls to one provider, whatever fails', async () => {
    const { calls, ask } = counted(() => FAILED);
    for (let i = 0; i < 20; i += 1) await Promise.all(Array.from({ length: 10 }, () => ask(MAIN, QUESTION, CALL)));
    expect(calls.count - 200).toBeGreaterThanOrEqual(20);
    expect(calls.count - 200).toBeLessThanOrEqual(21);
    const before = calls.count;
    await ask({ ...MAIN, name: 'other' }, QUESTION, CALL);
    expect(calls.count - before).toBe(2);
  });

  it('is not saved up without end', async () => {
    let reading = GOOD;
    const { calls, ask } = counted(() => reading);
    for (let i = 0; i < 1000; i += 1) await ask(MAIN, QUESTION, CALL);
    reading = FAILED;
    const before = calls.count;
    await Promise.all(Array.from({ length: 20 }, () => ask(MAIN, QUESTION, CALL)));
    expect(calls.count - before - 20).toBeLessThanOrEqual(12);
  });

  it('is given up with the time of the call', async () => {
    const { calls, ask } = counted(() => FAILED);
    const late = AbortSignal.abort(new Error('late'));
    await expect(ask(MAIN, QUESTION, { ...CALL, signal: late })).rejects.toThrow();
    expect(calls.count).toBe(1);
    expect((await counted(() => DEADLINE).ask(MAIN, QUESTION, CALL)).measurement.kind).toBe('deadline-exceeded');
  });
});
