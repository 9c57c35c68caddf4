import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Role } from '../../src/app/ports.ts';
import { newEntry } from '../../src/app/record.ts';
import { ANONYMOUS } from '../../src/app/rights.ts';
import { looksLikeToken, newTokenText } from '../../src/app/token-format.ts';
import { authenticate, createToken, listTokens, nobodyAdministers } from '../../src/app/tokens.ts';
import { sha256Hex } from '../../src/domain/audit/canonical.ts';
import { memoryPorts, requestBy } from '../support/memory-ports.ts';

const ROLES = ['pipeline', 'configurator', 'operator', 'auditor', 'admin'] as const satisfies readonly Role[];
const admin = requestBy('admin');
const anonymous = { ...admin, principal: ANONYMOUS };
const refusal = { code: 'unauthenticated', message: expect.stringMatching(/^no valid bearer token was sent: send /) };

describe('a token text', () => {
  it.each([
    ['pipeline', 'gkp_'],
    ['configurator', 'gkc_'],
    ['operator', 'gko_'],
    ['auditor', 'gka_'],
    ['admin', 'gkx_'],
  ] as const)('of a %s begins with %s and has 36 base62 characters after it', (role, prefix) => {
    expect(newTokenText(role)).toMatch(new RegExp(`^${prefix}[0-9A-Za-z]{36}$`));
  });

  it('is never the same twice and uses the whole alphabet', () => {
    const texts = Array.from({ length: 100 }, () => newTokenText('pipeline'));
    expect(new Set(texts).size).toBe(100);
    expect(new Set(texts.map((text) => text.slice(4, 34)).join('')).size).toBe(62);
  });

  it('passes its own checksum and fails it after any one character was changed', () => {
    const anyChange = fc.tuple(fc.constantFrom(...ROLES), fc.nat(39), fc.constantFrom(...'09AZaz_- '));
    fc.assert(
      fc.property(anyChange, ([role, at, other]) => {
        const text = newTokenText(role);
        expect(looksLikeToken(text)).toBe(true);
        const changed = text.slice(0, at) + other + text.slice(at + 1);
        expect(looksLikeToken(changed)).toBe(changed === text);
      }),
      { numRuns: 300 },
    );
  });

  it('is not found in other texts', () => {
    fc.assert(fc.property(fc.string(), (text) => !looksLikeToken(text)));
    expect(looksLikeToken(`${newTokenText('admin')}\n`)).toBe(false);
    expect(looksLikeToken(` ${newTokenText('admin')}`)).toBe(false);
  });
});

describe('createToken', () => {
  it('gives a token that says who its holder is', async () => {
    const ports = memoryPorts();
    const made = await createToken(ports, admin, { name: 'ci', role: 'pipeline', changes: ['emergency'] });
    expect(await authenticate(ports, made.token)).toEqual({
      kind: 'token',
      id: made.id,
      name: 'ci',
      roles: ['pipeline'],
      changes: ['standard', 'emergency'],
    });
    expect(made.expiresAt).toBe('2027-02-20T10:00:00.000Z');
    expect(ports.changes).toEqual([{ kind: 'token-create', subject: made.id }]);
  });

  it('stores and records neither the token nor, in the record, its hash', async () => {
    const ports = memoryPorts();
    const made = await createToken(ports, null, { name: 'ci', role: 'admin', expires: '1h' });
    const everything = JSON.stringify([ports.store.commits, ports.store.bodies()]);
    expect(everything).not.toContain(made.token);
    expect(JSON.stringify(ports.store.bodies())).not.toContain(sha256Hex(made.token));
    expect(JSON.stringify(await listTokens(ports))).not.toContain(sha256Hex(made.token));
    expect((await ports.store.tokens()).map((token) => token.hash)).toEqual([sha256Hex(made.token)]);
    expect(ports.store.bodies()).toMatchObject([
      { kind: 'token-create', caller: { kind: 'system', name: 'ringgate' }, token: { id: made.id, role: 'admin' } },
    ]);
  });

  it.each(ROLES.filter((role) => role !== 'admin'))(
    'refuses %s as the role of the first token that is made over the API, and says how to go on',
    async (role) => {
      const ports = memoryPorts();
      await expect(createToken(ports, anonymous, { name: 'ci', role })).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringMatching(/the first token has to be an admin's.*"role": "admin"/),
      });
      expect(await ports.store.anyToken()).toBe(false);
      await createToken(ports, anonymous, { name: 'ada', role: 'admin' });
      await createToken(ports, admin, { name: 'ci', role });
    },
  );

  it('lets nobody without a token make the second one, also at the same moment', async () => {
    const ports = memoryPorts();
    ports.store.beforeAppend = () => createToken(ports, anonymous, { name: 'ada', role: 'admin' });
    await expect(createToken(ports, anonymous, { name: 'eve', role: 'admin' })).rejects.toMatchObject(refusal);
    expect(await listTokens(ports)).toMatchObject([{ name: 'ada' }]);
  });

  it('knows while no valid token can make others', async () => {
    const ports = memoryPorts();
    await createToken(ports, null, { name: 'ci', role: 'pipeline' });
    expect(await nobodyAdministers(ports)).toBe(true);
    await createToken(ports, null, { name: 'ada', role: 'admin', expires: '1h' });
    expect(await nobodyAdministers(ports)).toBe(false);
    ports.store.advance(3_600_000);
    expect(await nobodyAdministers(ports)).toBe(true);
  });

  it('refuses a name that another token bears in another spelling, in any role, and takes exactly that name', async () => {
    const ports = memoryPorts();
    await createToken(ports, admin, { name: 'José', role: 'operator' });
    for (const name of ['Jose\u0301', 'JOSÉ', ' José', 'Jo\u200bsé', 'ｊｏｓé']) {
      for (const role of ROLES) {
        const refused = createToken(ports, admin, { name, role });
        const because = /is another way to write "José".*use exactly that name/;
        await expect(refused).rejects.toMatchObject({ code: 'invalid-request', message: because });
      }
    }
    await createToken(ports, admin, { name: 'José', role: 'auditor' });
    await createToken(ports, admin, { name: 'Jose', role: 'operator' });
    expect(await listTokens(ports)).toHaveLength(3);
  });

  it('refuses it also when both are made at the same moment', async () => {
    const ports = memoryPorts();
    ports.store.beforeAppend = () => createToken(ports, admin, { name: 'olga', role: 'operator' });
    const second = createToken(ports, admin, { name: 'OLGA', role: 'operator' });
    await expect(second).rejects.toMatchObject({ code: 'invalid-request' });
    expect(await listTokens(ports)).toMatchObject([{ name: 'olga' }]);
  });

  it('refuses a name with letters of scripts that look alike, and names one of each', async () => {
    const ports = memoryPorts();
    await expect(createToken(ports, admin, { name: 'оlga', role: 'operator' })).rejects.toMatchObject({
      errors: [
        {
          pointer: '/name',
          message: 'mixes letters that look alike, Latin ("l") and Cyrillic ("о"): write the name in one script',
        },
      ],
    });
    await createToken(ports, admin, { name: 'ольга', role: 'operator' });
  });

  it('leaves tokens from before as they are: they go on working, and their exact name can be used again', async () => {
    const ports = memoryPorts();
    const { token, ...document } = await createToken(ports, admin, { name: 'x', role: 'operator' });
    const mixed = { ...document, name: 'OLGA', hash: sha256Hex(token) };
    const entry = newEntry(ports, null, { kind: 'test', at: await ports.store.now() });
    await ports.store.append({ entry, expects: {}, raises: [], writes: [{ kind: 'put-token', token: mixed }] });
    expect(await authenticate(ports, token)).toMatchObject({ name: 'OLGA' });
    await createToken(ports, admin, { name: 'OLGA', role: 'auditor' });
  });

  it('names every wrong field at once and makes nothing', async () => {
    const ports = memoryPorts();
    const wrong = { name: ' ', role: 'root' as Role, expires: '2y', changes: ['yolo'] };
    await expect(createToken(ports, admin, wrong)).rejects.toMatchObject({
      code: 'invalid-request',
      errors: [{ pointer: '/name' }, { pointer: '/role' }, { pointer: '/expires' }, { pointer: '/changes' }],
    });
    expect(await ports.store.anyToken()).toBe(false);
    expect(ports.store.bodies()).toEqual([]);
  });

  it.each(['0s', '366d', 'soon', ''])('refuses to let it expire after %j', async (expires) => {
    await expect(createToken(memoryPorts(), admin, { name: 'ci', role: 'pipeline', expires })).rejects.toMatchObject({
      errors: [{ pointer: '/expires' }],
    });
  });
});

describe('authenticate', () => {
  it('lets the anonymous caller in until the first token has been made, and never again', async () => {
    const ports = memoryPorts();
    expect(await authenticate(ports, null)).toMatchObject({ kind: 'anonymous', id: null });
    await createToken(ports, null, { name: 'ci', role: 'pipeline', expires: '1h' });
    await expect(authenticate(ports, null)).rejects.toMatchObject(refusal);
    ports.store.advance(2 * 3_600_000);
    await expect(authenticate(ports, null)).rejects.toMatchObject(refusal);
  });

  it('knows no anonymous caller where that is not allowed', async () => {
    await expect(authenticate(memoryPorts({ anonymousAllowed: false }), null)).rejects.toMatchObject(refusal);
  });

  it('accepts a token until the instant it expires, by the clock of the store', async () => {
    const ports = memoryPorts();
    const { token } = await createToken(ports, admin, { name: 'ci', role: 'pipeline', expires: '1h' });
    ports.store.advance(3_600_000 - 1);
    await expect(authenticate(ports, token)).resolves.toMatchObject({ name: 'ci' });
    ports.store.advance(1);
    await expect(authenticate(ports, token)).rejects.toMatchObject(refusal);
  });

  it('says the same to an unknown token and to garbage, and asks the store only about the former', async () => {
    const ports = memoryPorts();
    await expect(authenticate(ports, newTokenText('admin'))).rejects.toMatchObject(refusal);
    ports.store.fault = 'down';
    await expect(authenticate(ports, 'garbage')).rejects.toMatchObject(refusal);
    await expect(authenticate(ports, '')).rejects.toMatchObject(refusal);
    await expect(authenticate(ports, newTokenText('admin'))).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('does not trust a store that answers with another token', async () => {
    const ports = memoryPorts();
    await createToken(ports, admin, { name: 'ci', role: 'admin' });
    const [other] = await ports.store.tokens();
    if (other === undefined) throw new Error('no token was stored');
    const store = { ...ports.store, token: async () => ({ ...other, now: other.createdAt }) };
    const lying = { anonymousAllowed: true, store: Object.setPrototypeOf(store, ports.store) as typeof ports.store };
    await expect(authenticate(lying, newTokenText('admin'))).rejects.toMatchObject(refusal);
  });
});
