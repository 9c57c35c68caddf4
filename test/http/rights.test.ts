import { describe, expect, it } from 'vitest';
import type { Right, Role } from '../../src/app/ports.ts';
import { hasRight, ROLES } from '../../src/app/rights.ts';
import { bearerOf } from '../../src/http/authenticate.ts';
import type { Operation } from '../../src/http/document.ts';
import type { RightOrPublic } from '../../src/http/rights-in-contract.ts';
import { contract } from '../support/contract.ts';
import { testApp, tokenOf, withCheckout } from './http-context.ts';

const { operations } = contract.document;

const isRight = (right: RightOrPublic): right is Right => right !== 'public' && right !== 'signed';

/** A well-formed address of an operation. What it names does not exist: who gets past the rights gets a 404 or 400. */
function addressOf(operation: Operation): string {
  const values: Record<string, string> = { release: 'nothing@1', id: '0199f0c2-7a10-7b1c-9d3e-2f4a6b8c0d1e' };
  return operation.path.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? 'nothing');
}

const test = testApp();
const headers = Object.fromEntries(
  await Promise.all(ROLES.map(async (role) => [role, await tokenOf(test, role)] as const)),
) as Record<Role, { Authorization: string }>;

function ask(operation: Operation, header: Record<string, string> = {}) {
  const method = operation.method as 'get' | 'put' | 'post' | 'delete';
  const sent = test.request()[method](addressOf(operation)).set(header);
  return operation.body === null ? sent : sent.type('json').send('{}');
}

const matrix = operations.flatMap((operation) => ROLES.map((role) => [role, operation.id, operation] as const));

describe('the rights of the contract', () => {
  it.each(matrix)('let, or do not let, the role %s use %s', async (role, _, operation) => {
    const caller = { kind: 'token', id: null, name: role, roles: [role], changes: ['standard'] } as const;
    const may = operation.rights.some((right) => !isRight(right) || hasRight(caller, right));
    const answer = await ask(operation, headers[role]);
    expect(answer.status === 403).toBe(!may);
    expect(answer.status === 401).toBe(operation.rights.includes('signed'));
    if (!may) for (const right of operation.rights) expect(answer.body.detail).toContain(right);
  });

  it.each(operations.map((operation) => [operation.id, operation] as const))(
    'let nobody use %s without a token unless it is public',
    async (_, operation) => {
      const answer = await ask(operation);
      const open = operation.rights.includes('public');
      expect(answer.status === 401).toBe(!open);
      const basic = operation.takesBasic ? 'Basic realm="ringgate", charset="UTF-8", ' : '';
      expect(answer.headers['www-authenticate']).toBe(open ? undefined : `${basic}Bearer realm="ringgate"`);
    },
  );

  it('keep the duties of the roles apart', () => {
    const mayUse = (role: Role) =>
      operations
        .filter(({ rights }) =>
          rights.some(
            (right) =>
              isRight(right) &&
              right !== 'read' &&
              hasRight({ kind: 'token', id: null, name: '', roles: [role], changes: [] }, right),
          ),
        )
        .map(({ id }) => id);
    expect(mayUse('pipeline')).toEqual(['getGate', 'postGate', 'reportRing']);
    expect(mayUse('configurator')).toEqual([
      'putService',
      'deleteService',
      'putRule',
      'deleteRule',
      'importOpenSlo',
      'importFreezes',
      'putFreeze',
      'deleteFreeze',
    ]);
    expect(mayUse('operator')).toEqual([
      'getGate',
      'postGate',
      'reportRing',
      'clearRollback',
      'withdrawAsker',
      'createHalt',
      'liftHalt',
      'createApproval',
      'deleteApproval',
      'createOverride',
      'deleteOverride',
      'approveOverride',
    ]);
    expect(mayUse('auditor')).toEqual(['listEntries', 'getEntry', 'listTokens']);
    expect(mayUse('admin')).toEqual([
      'putProvider',
      'deleteProvider',
      'checkProvider',
      'putGithubApp',
      'deleteGithubApp',
      'listEntries',
      'getEntry',
      'listTokens',
      'createToken',
    ]);
  });
});

describe('a credential', () => {
  const garbage = `gkp_${'a'.repeat(36)}`;

  it.each([
    ['unknown', `Bearer ${garbage}`],
    ['empty', 'Bearer '],
    ['of another scheme', 'Basic dXNlcjpwYXNz'],
    ['without a scheme', garbage],
    ['twice in one header', `Bearer ${garbage}, Bearer ${garbage}`],
    ['with a trailing word', `Bearer ${garbage} x`],
  ])('that is %s is refused with the same answer', async (_, authorization) => {
    const answer = await test
      .request()
      .get('/releases')
      .set({ Authorization: authorization, 'X-Request-Id': 'the-request' });
    const reference = await test.request().get('/releases').set('X-Request-Id', 'the-request');
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual(reference.body);
  });

  it('that is wrong is not taken for nobody where nobody may ask', async () => {
    const open = testApp();
    expect((await open.request().get('/releases')).status).toBe(200);
    expect((await open.request().get('/releases').set('Authorization', 'Basic dXNlcjpwYXNz')).status).toBe(401);
  });

  it('counts as refused, without standing in any log line', async () => {
    const open = testApp();
    await open.request().get('/releases').set('Authorization', `Bearer ${garbage}`);
    await open.request().post('/releases/checkout@1/rollback/clear').send({ reason: 'x' });
    expect(open.refusals).toEqual(['unauthenticated', 'forbidden']);
    expect(JSON.stringify(open.lines)).not.toContain(garbage);
  });

  it('is read from the header in any case of its scheme', () => {
    expect(bearerOf(undefined)).toBeNull();
    expect(bearerOf('bearer abc')).toBe('abc');
    expect(bearerOf('BEARER  abc')).toBe('abc');
    expect(bearerOf('Bearer')).toBe('');
  });
});

describe('without any token', () => {
  it('nobody may ask where others can reach the service', async () => {
    expect((await testApp({ anonymousAllowed: false }).request().get('/releases')).status).toBe(401);
  });

  it('everybody on this machine may try, but not what needs a person', async () => {
    const open = await withCheckout(testApp());
    expect((await open.request().get('/gates/checkout@1/canary')).status).toBe(200);
    const cleared = await open.request().post('/releases/checkout@1/rollback/clear').send({ reason: 'x' });
    expect(cleared.status).toBe(403);
    expect(cleared.body.detail).toContain('operate');
  });

  it('ends with the first token', async () => {
    const open = testApp();
    expect((await open.request().post('/tokens').send({ name: 'ops', role: 'admin' })).status).toBe(201);
    expect((await open.request().get('/releases')).status).toBe(401);
  });
});
