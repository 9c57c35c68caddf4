import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError, createSecretReader, loadConfig } from '../src/config.ts';

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('the configuration', () => {
  it('has a default for everything, on loopback and embedded', () => {
    const { config, secrets } = loadConfig({});
    expect(config).toEqual({
      host: '127.0.0.1',
      port: 8080,
      loopback: true,
      engine: 'pglite',
      dataDir: './data',
      logLevel: 'info',
      origin: 'ringgate.local/audit',
      secretsDir: null,
      trustProxy: false,
      drainSeconds: 0,
    });
    expect(secrets.databaseUrl).toBeNull();
  });

  it('takes an empty variable for an unset one', () => {
    expect(loadConfig({ PORT: '', DATABASE_URL: '' })).toEqual({
      config: loadConfig({}).config,
      secrets: expect.anything(),
    });
  });

  it('cannot be changed later', () => {
    const { config, secrets } = loadConfig({});
    expect(Object.isFrozen(config) && Object.isFrozen(secrets)).toBe(true);
  });

  it('keeps the database address out of what may be logged', () => {
    const { config, secrets } = loadConfig({ DATABASE_URL: 'postgres://u:hunter2@db/x' });
    expect(config.engine).toBe('postgres');
    expect(JSON.stringify(config)).not.toContain('hunter2');
    expect(secrets.databaseUrl).toContain('hunter2');
  });

  it('reports every mistake at once, each with its variable and what to do, and no value of a secret', () => {
    const wrong = {
      HOST: 'not a host',
      PORT: '70000',
      DATABASE_URL: 'mysql://u:hunter2@db/x',
      LOG_LEVEL: 'loud',
      GATE_ORIGIN: 'with space',
      GATE_SECRETS_DIR: 'relative',
      TRUST_PROXY: 'everybody',
      DRAIN_SECONDS: '21',
      GATE_ORIGEN: 'typo',
      GATE_SECRET_OK: 'hunter2',
    };
    const problems = problemsOf(wrong);
    const named = Object.keys(wrong).filter((name) => problems.some((problem) => problem.startsWith(`${name} `)));
    expect(named).toEqual(Object.keys(wrong).filter((name) => name !== 'GATE_SECRET_OK'));
    expect(problems).toHaveLength(named.length);
    expect(problems.join()).not.toContain('hunter2');
    expect(problems.every((problem) => / must be |: remove it/.test(problem))).toBe(true);
  });

  it.each(['1.5', '-1', '0x10', '8080 ', '1e3', '65536'])('refuses %j as a port', (PORT) => {
    expect(problemsOf({ PORT })).toHaveLength(1);
  });

  it.each([
    ['127.0.0.1', true],
    ['127.9.9.9', true],
    ['::1', true],
    ['localhost', true],
    ['0.0.0.0', false],
    ['::', false],
    ['10.0.0.1', false],
    ['localhost.example.com', false],
    ['127.0.0.1.example.com', false],
  ])('knows whether %s can be reached from elsewhere', (HOST, loopback) => {
    expect(loadConfig({ HOST }).config.loopback).toBe(loopback);
  });

  it.each([
    ['2', 2],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['10.0.0.0/8, 2001:db8::/32,192.0.2.7', '10.0.0.0/8,2001:db8::/32,192.0.2.7'],
  ])('reads %j as trusted proxies', (TRUST_PROXY, expected) => {
    expect(loadConfig({ TRUST_PROXY }).config.trustProxy).toEqual(expected);
  });

  it.each(['true', '11', '0.0.0.0/0', '10.0.0.0/33', '10.0.0.0/8/8', '10.0.0.0/', ',', '-1'])(
    'refuses to trust %j',
    (TRUST_PROXY) => {
      expect(problemsOf({ TRUST_PROXY })).toHaveLength(1);
    },
  );
});

describe('a reference to a secret', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringgate-secrets-'));
  const dir = join(folder, 'secrets');
  mkdirSync(join(dir, 'team'), { recursive: true });
  mkdirSync(join(folder, 'secrets-of-others'));
  writeFileSync(join(dir, 'token'), 'hunter2\n');
  writeFileSync(join(dir, 'team/token'), 'hunter3');
  writeFileSync(join(dir, 'large'), 'x'.repeat(65_537));
  writeFileSync(join(folder, 'outside'), 'private');
  writeFileSync(join(folder, 'secrets-of-others/token'), 'private');
  symlinkSync(join(folder, 'outside'), join(dir, 'link'));
  symlinkSync(folder, join(dir, 'up'));
  symlinkSync(join(dir, 'token'), join(dir, 'current'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const env = { GATE_SECRET_MAIN: 'hunter1', GATE_SECRET_EMPTY: '', PATH: '/bin', DATABASE_URL: 'postgres://u:p@h/d' };
  const read = createSecretReader(env, dir);

  it('reads a variable with our prefix', async () => {
    expect(await read({ env: 'GATE_SECRET_MAIN' })).toBe('hunter1');
  });

  it.each([
    'PATH',
    'DATABASE_URL',
    'GATE_SECRETS_DIR',
    'GATE_SECRET_',
    'gate_secret_main',
    'GATE_SECRET_EMPTY',
    'GATE_SECRET_NONE',
    '__proto__',
  ])('does not read the variable %s', async (name) => {
    await expect(read({ env: name })).rejects.toThrow(name);
  });

  it.each([
    ['token', 'hunter2'],
    ['team/token', 'hunter3'],
    ['team/../token', 'hunter2'],
    ['current', 'hunter2'],
    [join(dir, 'token'), 'hunter2'],
  ])('reads the file %s, without the newline at its end', async (file, value) => {
    expect(await read({ file })).toBe(value);
  });

  it.each([
    '../outside',
    '../secrets-of-others/token',
    'link',
    'up/outside',
    join(folder, 'outside'),
    '/etc/passwd',
    'none',
    '.',
    'team',
    '',
    'large',
    'tok\0en',
  ])('does not read the file %j', async (file) => {
    await expect(read({ file })).rejects.toThrow('inside GATE_SECRETS_DIR');
  });

  it('reads no file at all when no directory is set', async () => {
    await expect(createSecretReader(env, null)({ file: 'token' })).rejects.toThrow('GATE_SECRETS_DIR is not set');
  });
});
