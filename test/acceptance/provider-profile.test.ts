/** What a provider's profile means over HTTP: how it is saved, and what the server behind it gets to see. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aRule, aService } from '../support/builders.ts';
import { openEngine, type TestEngine } from '../support/engines.ts';
import { type FakePrometheus, startFakePrometheus, vector } from '../support/fake-prometheus.ts';
import { type Gate, startGate } from '../support/gate.ts';

describe('A provider with a profile', () => {
  let engine: TestEngine;
  let gate: Gate;
  let source: FakePrometheus;

  beforeAll(async () => {
    engine = await openEngine('embedded');
    source = await startFakePrometheus();
    source.answer((form) => vector(form.get('query')?.includes('5..') ? '0' : '1000'));
    gate = await startGate(engine);
  });
  afterAll(async () => {
    await gate.stop();
    await source.stop();
    await engine.destroy();
  });
  const put = (document: object) =>
    gate.call('PUT', '/providers/main', { body: { kind: 'prometheus', url: source.url, ...document }, as: 'admin' });

  it('is given back as it was saved', async () => {
    expect((await put({ profile: 'victoriametrics', params: { 'extra_filters[]': '{env="prod"}' } })).status).toBe(201);
    const { body } = await gate.call('GET', '/providers/main', { as: 'admin' });
    const document = { kind: 'prometheus', profile: 'victoriametrics', url: source.url };
    expect(body).toEqual({ ...document, params: { 'extra_filters[]': '{env="prod"}' } });
    const listed = await gate.call('GET', '/providers', { as: 'admin' });
    expect(listed.body.items).toEqual([{ name: 'main', ...body }]);
  });

  it.each([
    ['a profile nobody knows', { profile: 'cortex' }, '/profile'],
    [
      'a param that the profile sets',
      { profile: 'thanos', params: { partial_response: 'true' } },
      '/params/partial_response',
    ],
    ['a param that the profile sets', { profile: 'victoriametrics', params: { nocache: '0' } }, '/params/nocache'],
  ])('is refused with %s, naming the field, and the old document stays', async (_what, document, pointer) => {
    const before = await gate.call('GET', '/providers/main', { as: 'admin' });
    const answer = await put(document);
    expect(answer.status).toBe(400);
    expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
    expect((await gate.call('GET', '/providers/main', { as: 'admin' })).body).toEqual(before.body);
  });

  it('asks as the tenant of its document, whatever a caller sends, and refuses partial answers', async () => {
    await put({ profile: 'thanos', headers: { 'X-Scope-OrgID': 'team-a' } });
    await gate.call('PUT', '/services/checkout', { body: aService(), as: 'configurator' });
    await gate.call('PUT', '/services/checkout/rules/errors', { body: aRule(), as: 'configurator' });
    await gate.call('GET', '/gates/checkout@1.0/canary');
    await gate.call('PUT', '/releases/checkout@1.0/rings/canary', { body: { state: 'deployed' } });
    gate.minutes(20);
    const headers = { 'X-Scope-OrgID': 'team-b' };
    await gate.call('GET', '/gates/checkout@1.0/canary?stage=exit', { headers });
    expect(source.requests.length).toBeGreaterThan(0);
    for (const request of source.requests) {
      expect(request.headers['x-scope-orgid']).toBe('team-a');
      expect(Object.fromEntries(request.form)).toMatchObject({
        partial_response: 'false',
        dedup: 'true',
        max_source_resolution: '0s',
      });
    }
  });
});
