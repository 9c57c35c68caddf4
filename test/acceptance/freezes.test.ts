/** What a team sees of freezes: the gate on both engines, asked with real requests. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FreezeDocument } from '../../src/domain/freeze.ts';
import { after } from '../../src/domain/instant.ts';
import { aService } from '../support/builders.ts';
import { type EngineKind, engineKinds, openEngine, type TestEngine } from '../support/engines.ts';
import { type Answer, type Gate, request, startGate } from '../support/gate.ts';

const MINUTE = 60_000;

describe.each(engineKinds)('freezes on %s', (kind: EngineKind) => {
  let engine: TestEngine;
  let gate: Gate;
  let clock: { offsetMs: number };

  beforeAll(async () => {
    engine = await openEngine(kind);
    clock = { offsetMs: 0 };
    gate = await startGate(engine, { clock });
    for (const name of ['checkout', 'cart', 'search', 'mail', 'pay', 'shop']) {
      await put(`/services/${name}`, aService({ allowUnmeasured: true }));
    }
  });
  afterAll(async () => {
    await gate.stop();
    await engine.destroy();
  });

  const put = async (path: string, body: unknown): Promise<Answer> => {
    const answer = await gate.call('PUT', path, { as: 'configurator', body });
    expect({ path, status: answer.status, body: answer.body }).toMatchObject({ status: expect.toSatisfy(isSuccess) });
    return answer;
  };
  const drop = (name: string) => gate.call('DELETE', `/freezes/${name}`, { as: 'configurator' });
  const now = () => gate.context.ports.store.now();
  /** One window in UTC between two whole seconds, in minutes from now. */
  const between = async (
    service: string,
    from: number,
    to: number,
    more: Partial<FreezeDocument> = {},
  ): Promise<FreezeDocument> => {
    const whole = `${(await now()).slice(0, 19)}.000Z`;
    const local = (minutes: number) => after(whole, minutes * MINUTE).slice(0, 19);
    const scope = { services: [service], rings: ['canary'] };
    return { kind: 'freeze', scope, timeZone: 'UTC', start: local(from), end: local(to), ...more };
  };

  it('hold with 429 while they are open, say until when, and let go by themselves', async () => {
    const freeze = await between('checkout', -5, 30, { title: 'Trade fair', reason: 'everybody looks' });
    await put('/freezes/fair', freeze);
    const until = `${freeze.end}.000Z`;
    const held = await gate.call('GET', '/gates/checkout@1/canary');
    expect(held.status).toBe(429);
    expect(Number(held.headers.get('retry-after'))).toSatisfy((seconds) => seconds >= 5 && seconds <= 30);
    expect(held.body).toMatchObject({ verdict: 'hold', earliestPromoteAt: until, validUntil: null });
    expect(held.body.findings.find(({ check }: { check: string }) => check === 'freeze')).toMatchObject({
      cause: 'frozen',
      clears: 'by-time',
      clearsAt: until,
      evidence: { freeze: 'fair', until, reason: 'everybody looks' },
    });
    const line = await gate.call('GET', '/gates/checkout@1/canary', { headers: { accept: 'text/plain' } });
    expect(line.body).toMatch(/^hold checkout@1 canary: fair freezes checkout in canary until .*: everybody looks/);
    expect((await gate.call('GET', '/gates/cart@1/canary')).status).toBe(200);
    gate.minutes(31);
    expect((await gate.call('GET', '/gates/checkout@1/canary')).status).toBe(200);
    await drop('fair');
  });

  it('are judged by the clock of the database, whatever the process thinks', async () => {
    const freeze = await between('search', 24 * 60, 25 * 60);
    await put('/freezes/tomorrow', freeze);
    const first = await gate.call('GET', '/gates/search@1/canary?dryRun=true');
    expect(first.body.verdict).toBe('promote');
    clock.offsetMs += (24 * 60 + 1) * MINUTE;
    expect((await gate.call('GET', '/gates/search@1/canary?dryRun=true')).status).toBe(429);
    const standing = await gate.call('GET', '/freezes?service=search&ring=canary');
    expect(standing.body.items).toMatchObject([
      { name: 'tomorrow', open: true, window: { end: `${freeze.end}.000Z` } },
    ]);
    clock.offsetMs -= (24 * 60 + 1) * MINUTE;
    await drop('tomorrow');
  });

  it('shorten a promise that reaches into them, and count on the next ask after they are put', async () => {
    const soon = await between('mail', 6, 60);
    await put('/freezes/soon', soon);
    const promised = await gate.call('GET', '/gates/mail@1/canary');
    expect(promised.body).toMatchObject({ verdict: 'promote', validUntil: `${soon.start}.000Z` });
    await put('/freezes/soon', { ...soon, start: (await between('mail', -1, 0)).start });
    expect((await gate.call('GET', '/gates/mail@1/canary')).status).toBe(429);
    expect((await drop('soon')).status).toBe(204);
    expect((await gate.call('GET', '/gates/mail@1/canary')).status).toBe(200);
  });

  it('let exempt changes pass for those who may claim them, and tell the others which class it was', async () => {
    await put('/freezes/strict', await between('pay', -5, 30, { exempt: ['security'] }));
    const claimed = await gate.call('GET', '/gates/pay@1/canary?change=security');
    expect([claimed.status, claimed.body.detail]).toEqual([403, expect.stringContaining('"security"')]);
    const body = { name: 'security-ci', role: 'pipeline', changes: ['security'] };
    const { token } = (await gate.call('POST', '/tokens', { as: 'admin', body })).body;
    const passed = await request(gate.url, 'GET', '/gates/pay@1/canary?change=security', { token });
    expect(passed.status).toBe(200);
    expect(passed.body.findings).toContainEqual(
      expect.objectContaining({
        check: 'freeze',
        because: 'The freeze strict does not stop the change class security.',
      }),
    );
    expect((await request(gate.url, 'GET', '/gates/pay@1/canary', { token })).status).toBe(429);
    await drop('strict');
  });

  it('beat allow windows, outside of which it is closed', async () => {
    const hours = await between('shop', -5, 60, { kind: 'allow' });
    await put('/freezes/hours', hours);
    expect((await gate.call('GET', '/gates/shop@1/canary')).status).toBe(200);
    await put('/freezes/incident', await between('shop', -1, 20));
    const both = await gate.call('GET', '/gates/shop@1/canary');
    expect([both.status, both.body.summary]).toEqual([429, expect.stringContaining('incident freezes shop')]);
    await drop('incident');
    gate.minutes(61);
    const outside = await gate.call('GET', '/gates/shop@1/canary');
    expect([outside.status, outside.body.findings.map(({ cause }: { cause: string }) => cause)]).toEqual([
      423,
      expect.arrayContaining(['outside-allowed-window']),
    ]);
    await drop('hours');
  });

  it('are recorded with what they were and became, and by whom', async () => {
    const { items } = (await gate.call('GET', '/audit/entries?kind=freeze-put&limit=500', { as: 'auditor' })).body;
    const soon = items.filter(({ body }: { body: { config: { name: string } } }) => body.config.name === 'soon');
    expect(soon).toHaveLength(2);
    expect(soon[0].body).toMatchObject({ caller: { name: 'a-configurator' }, before: { start: expect.any(String) } });
    expect(soon[0].body.before).toEqual(soon[1].body.after);
  });
});

function isSuccess(status: number): boolean {
  return status === 200 || status === 201;
}
