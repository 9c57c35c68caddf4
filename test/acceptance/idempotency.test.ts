import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEngine, type TestEngine } from '../support/engines.ts';
import { type Answer, type Gate, startGate } from '../support/gate.ts';
import { aPipeline, type Pipeline } from '../support/pipeline.ts';

describe('two replicas on one PostgreSQL that are asked with one Idempotency-Key', () => {
  const clock = { offsetMs: 0 };
  let engine: TestEngine;
  let gates: readonly [Gate, Gate];
  let shop: Pipeline;
  let release: string;
  let version = 0;

  beforeAll(async () => {
    engine = await openEngine('postgres');
    const first = await startGate(engine, { clock });
    gates = [first, await startGate(engine, { clock, tokens: first.tokens })];
    shop = await aPipeline(first);
  });
  afterAll(async () => {
    await shop.stop();
    for (const gate of gates) await gate.stop();
    await engine.destroy();
  });

  /** A release that canary takes. */
  const next = async () => {
    if (version > 0) await shop.report(`${version}.0.0`, 'canary', { state: 'abandoned' });
    version += 1;
    release = `${shop.service}@${version}.0.0`;
    return `/gates/${release}/canary`;
  };
  const ask = (gate: Gate, path: string, key: string, more: Record<string, string> = {}): Promise<Answer> =>
    gate.call('GET', `${path}?${new URLSearchParams(more)}`, { headers: { 'Idempotency-Key': key } });
  const decisionsOf = async (name: string): Promise<readonly { id: string; follows: string | null }[]> =>
    (await gates[0].call('GET', `/decisions?release=${name}`)).body.items;

  it('make one decision of fifty calls at once, and replay it to all others', async () => {
    const path = await next();
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => ask(gates[i % 2] as Gate, path, 'k-1')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    const replayed = answers.filter(({ headers }) => headers.get('idempotency-replayed') === 'true');
    expect(replayed).toHaveLength(49);
    expect(await decisionsOf(release)).toHaveLength(1);
  });

  it('both refuse the key for another question', async () => {
    const path = await next();
    expect((await ask(gates[0], path, 'k-2')).status).toBe(200);
    for (const gate of gates) {
      const other = await ask(gate, path, 'k-2', { actor: 'ada' });
      expect([other.status, other.body.code]).toEqual([422, 'idempotency-mismatch']);
    }
    expect(await decisionsOf(release)).toHaveLength(1);
  });

  it('decide anew when the promise is over, and link the two', async () => {
    const path = await next();
    const first = await ask(gates[0], path, 'k-3');
    const again = await ask(gates[1], path, 'k-3');
    expect(again.body).toEqual(first.body);
    gates[0].minutes(16);
    const renewed = await ask(gates[1], path, 'k-3');
    expect(renewed.headers.get('idempotency-replayed')).toBeNull();
    expect(renewed.body).toMatchObject({ verdict: 'promote', follows: first.body.id });
    expect((await ask(gates[0], path, 'k-3')).body).toEqual(renewed.body);
    expect((await decisionsOf(release)).map(({ follows }) => follows)).toEqual([first.body.id, null]);
  });

  it('say of the same decision whether it stands', async () => {
    const path = await next();
    const { body } = await ask(gates[0], path, 'k-4');
    const validity = async (gate: Gate) => (await gate.call('GET', `/decisions/${body.id}/validity`)).body;
    expect(await validity(gates[1])).toMatchObject({ stands: true, validUntil: body.validUntil });
    const halted = await gates[0].call('POST', '/halts', {
      as: 'operator',
      body: { scope: { service: shop.service }, reason: 'looking into it' },
    });
    for (const gate of gates) expect(await validity(gate)).toMatchObject({ stands: false, verdict: 'promote' });
    await gates[0].call('POST', `/halts/${halted.body.id}/lift`, { as: 'operator', body: { reason: 'fine' } });
    // The halt has ended the lease, also for when it is lifted.
    for (const gate of gates) {
      expect(await validity(gate)).toMatchObject({
        stands: false,
        because: expect.stringContaining('looking into it'),
      });
    }
  });
});
