import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CurlAnswer, curl, curlExpecting } from '../support/curl.ts';
import { type EngineKind, engineKinds, openEngine, type TestEngine } from '../support/engines.ts';
import { type Gate, startGate } from '../support/gate.ts';

/** Nobody approves what they have asked for: by curl alone, with a token for each person. */
describe.each(engineKinds)('Four eyes, on %s', (kind: EngineKind) => {
  let engine: TestEngine;
  let gate: Gate;
  const tokens: Record<string, string> = {};

  const call = (who: string, method: string, path: string, body?: unknown): Promise<CurlAnswer> =>
    curl(gate.url + path, { method, token: tokens[who] ?? '', ...(body === undefined ? {} : { body }) });
  const ask = async (release: string, query = '', who = 'ci') => {
    const { status, body } = await call(who, 'GET', `/gates/${release}/canary${query}`);
    return [status, body.verdict];
  };
  const approve = (who: string, release: string) => call(who, 'POST', '/approvals', { release, ring: 'canary' });
  const askers = async (release: string) =>
    (await curlExpecting([200], `${gate.url}/releases/${release}`, { token: tokens.ci ?? '' })).body.askers.map(
      (each: { name: string }) => each.name,
    );

  beforeAll(async () => {
    engine = await openEngine(kind);
    gate = await startGate(engine);
    const newToken = async (name: string, role: string) => {
      const body = { name, role, expires: '30d' };
      const made = await curlExpecting([201], `${gate.url}/tokens`, { method: 'POST', token: gate.tokens.admin, body });
      return made.body.token as string;
    };
    tokens.ci = await newToken('ci', 'pipeline');
    for (const name of ['olga', 'grace', 'José']) tokens[name] = await newToken(name, 'operator');
    const body = { allowUnmeasured: true, rings: [{ name: 'canary', bake: '15m', approvals: 1 }] };
    for (const service of ['c1', 'c2', 'c3', 'c4', 'again', 'many', 'glass', 'race']) {
      await curlExpecting([201], `${gate.url}/services/${service}`, {
        method: 'PUT',
        token: gate.tokens.configurator,
        body,
      });
    }
  });
  afterAll(async () => {
    await gate.stop();
    await engine.destroy();
  });

  it('remember who asked when the next question names nobody, or somebody else', async () => {
    expect((await approve('olga', 'c1@1')).status).toBe(201);
    expect(await ask('c1@1', '?actor=olga')).toEqual([423, 'hold']);
    expect(await ask('c1@1')).toEqual([423, 'hold']);
    expect(await ask('c1@1', '?actor=linus')).toEqual([423, 'hold']);
    expect(await askers('c1@1')).toEqual(['olga', 'linus']);
    expect((await approve('grace', 'c1@1')).status).toBe(201);
    expect(await ask('c1@1')).toEqual([200, 'promote']);
  });

  it('count an operator who asks with a token of their own, but not a dry run', async () => {
    expect(await ask('c2@1', '?dryRun=true', 'grace')).toEqual([423, 'hold']);
    expect(await ask('c2@1', '', 'olga')).toEqual([423, 'hold']);
    const refused = await approve('olga', 'c2@1');
    expect([refused.status, refused.body.code]).toEqual([403, 'forbidden']);
    expect(refused.body.detail).toMatch(/^olga has asked for c2@1 \(decision [0-9a-f-]{36}\)/);
    expect((await approve('grace', 'c2@1')).status).toBe(201);
    expect(await ask('c2@1')).toEqual([200, 'promote']);
  });

  it('take José for one person in both forms of Unicode', async () => {
    const decomposed = encodeURIComponent('JOSE\u0301');
    expect(await ask('c3@1', `?actor=${decomposed}`)).toEqual([423, 'hold']);
    expect((await approve('José', 'c3@1')).status).toBe(403);
    const found = await call('ci', 'GET', `/decisions?release=c3@1&actor=${encodeURIComponent('José')}`);
    expect(found.body.items).toMatchObject([{ actor: 'JOSE\u0301' }]);
    const body = { name: 'Jose\u0301', role: 'operator' };
    const second = await curl(`${gate.url}/tokens`, { method: 'POST', token: gate.tokens.admin, body });
    expect([second.status, second.body.errors]).toEqual([
      400,
      [{ pointer: '/name', message: expect.stringContaining('is another way to write "José"') }],
    ]);
    const mixed = await curl(`${gate.url}/tokens`, {
      method: 'POST',
      token: gate.tokens.admin,
      body: { name: 'оlga', role: 'operator' },
    });
    expect([mixed.status, mixed.body.errors[0].pointer]).toEqual([400, '/name']);
  });

  it('let another operator take back what a pipeline has only said', async () => {
    const takeBack = (who: string, release: string, name: string, reason = '?reason=the+template+was+wrong') =>
      call(who, 'DELETE', `/releases/${release}/askers/${encodeURIComponent(name)}${reason}`);
    await ask('c4@1', `?actor=${encodeURIComponent('Olga / ops')}`);
    await ask('c4@1', '?actor=olga');
    expect((await takeBack('ci', 'c4@1', 'olga')).status).toBe(403);
    expect((await takeBack('olga', 'c4@1', 'OLGA')).status).toBe(403);
    expect((await takeBack('grace', 'c4@1', 'olga', '')).status).toBe(400);
    expect((await takeBack('grace', 'c4@1', 'nobody')).status).toBe(404);
    expect((await takeBack('grace', 'c4@1', 'Olga / ops')).status).toBe(204);
    expect((await takeBack('grace', 'c4@1', 'olga')).status).toBe(204);
    expect(await askers('c4@1')).toEqual([]);
    expect((await approve('olga', 'c4@1')).status).toBe(201);
    expect(await ask('c4@1')).toEqual([200, 'promote']);
    await ask('c4@1', '', 'olga');
    const bound = await takeBack('grace', 'c4@1', 'olga');
    expect([bound.status, bound.body.detail]).toEqual([409, expect.stringContaining('with a token of that name')]);
    const recorded = await curl(`${gate.url}/audit/entries?kind=asker-withdraw&actor=GRACE`, {
      token: gate.tokens.auditor,
    });
    expect(recorded.body.items).toHaveLength(2);
  });

  it('remember who asked until an operator clears the release, whatever a pipeline reports', async () => {
    await ask('again@1', '?actor=olga');
    const report = (body: unknown) => call('ci', 'PUT', '/releases/again@1/rings/canary', body);
    expect((await report({ state: 'deployed' })).status).toBe(200);
    expect((await report({ state: 'rolled-back', reason: 'it smells' })).status).toBe(200);
    expect(await askers('again@1')).toEqual(['olga']);
    const refused = await approve('olga', 'again@1');
    expect([refused.status, refused.body.detail]).toEqual([403, expect.stringMatching(/^olga has asked for again@1/)]);
    const clear = () => call('grace', 'POST', '/releases/again@1/rollback/clear', { reason: 'looked at it' });
    expect((await clear()).status).toBe(200);
    expect(await askers('again@1')).toEqual([]);
    expect((await approve('olga', 'again@1')).status).toBe(201);
    expect(await ask('again@1')).toEqual([200, 'promote']);
  });

  it('keep a hundred names that a pipeline makes up, and then let nobody approve until an operator steps in', async () => {
    const headers = { authorization: `Bearer ${tokens.ci}` };
    for (let i = 0; i <= 110; i += 1) await fetch(`${gate.url}/gates/many@1/canary?actor=n${i}`, { headers });
    expect(await askers('many@1')).toHaveLength(101);
    const refused = await approve('grace', 'many@1');
    expect([refused.status, refused.body.detail]).toEqual([409, expect.stringContaining('more than 100 people')]);
    expect(await ask('many@1')).toEqual([423, 'hold']);
    const takeBack = await call('olga', 'DELETE', '/releases/many@1/askers/many%20others?reason=a+broken+script');
    expect(takeBack.status).toBe(204);
    expect((await approve('olga', 'many@1')).status).toBe(403);
    expect((await approve('grace', 'many@1')).status).toBe(201);
    expect(await ask('many@1')).toEqual([200, 'promote']);
  });

  it('let nobody stand behind an override for a release that they have asked for', async () => {
    const made = await call('grace', 'POST', '/overrides', {
      ...{ release: 'glass@1', rings: ['canary'], checks: ['measured'] },
      ...{ reason: 'the provider is down for the night', expiresAt: new Date(Date.now() + 3_600_000).toISOString() },
    });
    expect(made.status).toBe(201);
    await ask('glass@1', '?actor=olga');
    const refused = await call('olga', 'POST', `/overrides/${made.body.id}/approvals`, {});
    expect([refused.status, refused.body.detail]).toEqual([403, expect.stringMatching(/^olga has asked for glass@1/)]);
    expect((await call('José', 'POST', `/overrides/${made.body.id}/approvals`, {})).status).toBe(201);
  });

  it('never promote on the approval of somebody who asks at the same moment', async () => {
    const rounds = Array.from({ length: 8 }, async (_, i) => {
      const release = `race@${i}`;
      const [approval] = await Promise.all([approve('olga', release), ask(release, '?actor=olga')]);
      return { approval: approval.status, verdict: (await ask(release))[1] };
    });
    for (const each of await Promise.all(rounds)) {
      // 409 is the answer where the service kept changing for too long: nothing was recorded.
      expect([201, 403, 409]).toContain(each.approval);
      expect(each.verdict).toBe('hold');
    }
  });
});
