import { readFileSync } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { BlockList, isIP } from 'node:net';
import { isAbsolute, resolve, sep } from 'node:path';
import type { SecretReference } from './app/ports.ts';

/**
 * The only reader of the environment. Two steps: flat text first, then a Config that may be logged
 * and Secrets that may not. Every mistake is reported at once, because an operator who fixes one
 * variable per restart is an operator who is awake too long. Values of secrets are in no message.
 */
export interface Config {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  readonly loopback: boolean;
  /** What answers the SQL: a PostgreSQL server, or the embedded one that keeps its data in `dataDir`. */
  readonly engine: 'postgres' | 'pglite';
  readonly dataDir: string;
  readonly logLevel: LogLevel;
  /** Names the audit log to whoever verifies it. */
  readonly origin: string;
  readonly secretsDir: string | null;
  /** Which proxies may say who the caller is: none, a number of hops, or networks separated by commas. */
  readonly trustProxy: TrustProxy;
  /** How long after SIGTERM new requests are still taken, so that load balancers notice first. */
  readonly drainSeconds: number;
}

export type TrustProxy = false | number | string;

export interface Secrets {
  readonly databaseUrl: string | null;
  readonly read: SecretReader;
}

export type SecretReader = (reference: SecretReference) => Promise<string>;

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const GATE_VARIABLES = ['GATE_ORIGIN', 'GATE_SECRETS_DIR'];
const SECRET_PREFIX = 'GATE_SECRET_';
const LARGEST_SECRET = 65_536;

export type Environment = Readonly<Record<string, string | undefined>>;

/** All that is wrong with the environment, one sentence per variable. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The environment is not usable:\n${problems.map((p) => `  - ${p}`).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** ringgate's own version, which package.json alone states. Found from src/ and from dist/. */
export const gateVersion: string = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
).version;

/** Throws ConfigError naming every variable that is wrong. An empty variable counts as unset. */
export function loadConfig(env: Environment = process.env): { readonly config: Config; readonly secrets: Secrets } {
  const problems: string[] = unknownVariables(env);
  const take: Take = (name, fallback, read, advice) => {
    const text = env[name];
    if (text === undefined || text === '') return fallback;
    const value = read(text);
    if (value === null) problems.push(`${name} must be ${advice}.`);
    return value ?? fallback;
  };
  const databaseUrl = take<string | null>(
    'DATABASE_URL',
    null,
    postgresUrl,
    'like postgres://user:password@host:5432/name',
  );
  const config = readConfig(take, databaseUrl);
  if (problems.length > 0) throw new ConfigError(problems);
  const secrets = { databaseUrl, read: createSecretReader(env, config.secretsDir) };
  return { config: Object.freeze(config), secrets: Object.freeze(secrets) };
}

/** One variable: its value, its default when unset, or the default and a problem when `read` gives null. */
type Take = <T>(name: string, fallback: T, read: (text: string) => T | null, advice: string) => T;

function readConfig(take: Take, databaseUrl: string | null): Config {
  const host = take('HOST', '127.0.0.1', hostName, 'an address or a host name, like 127.0.0.1 or 0.0.0.0');
  return {
    host,
    port: take('PORT', 8080, (text) => integer(text, 65_535), 'a number from 0 to 65535 (0 picks a free port)'),
    loopback: isLoopback(host),
    engine: databaseUrl === null ? 'pglite' : 'postgres',
    dataDir: take('DATA_DIR', './data', (text) => text, 'a directory'),
    logLevel: take<LogLevel>('LOG_LEVEL', 'info', logLevel, `one of ${LOG_LEVELS.join(', ')}`),
    origin: take(
      'GATE_ORIGIN',
      'ringgate.local/audit',
      originName,
      'like gate.example.com/audit, without spaces and +',
    ),
    secretsDir: take<string | null>('GATE_SECRETS_DIR', null, absolute, 'the absolute path of a directory'),
    trustProxy: take<TrustProxy>(
      'TRUST_PROXY',
      false,
      proxies,
      'a number of hops, or addresses like 10.0.0.0/8,192.0.2.7',
    ),
    drainSeconds: take('DRAIN_SECONDS', 0, (text) => integer(text, 20), 'a number of seconds from 0 to 20'),
  };
}

/**
 * Reads what a provider's configuration refers to. Whoever may save a provider chooses the reference, so
 * only variables with our prefix and only files really inside `dir` can be read, whatever `..` or links say.
 */
export function createSecretReader(env: Environment, dir: string | null): SecretReader {
  return async (reference) => ('env' in reference ? fromVariable(env, reference.env) : fromFile(dir, reference.file));
}

function fromVariable(env: Environment, name: string): string {
  if (!/^GATE_SECRET_[A-Z0-9_]+$/.test(name)) {
    throw new Error(`a secret's variable must be named ${SECRET_PREFIX}… in capitals, not ${name}`);
  }
  const value = env[name];
  if (value === undefined || value === '') throw new Error(`the variable ${name} is not set where ringgate runs`);
  return value;
}

async function fromFile(dir: string | null, file: string): Promise<string> {
  if (dir === null) throw new Error('GATE_SECRETS_DIR is not set, so no secret can be read from a file');
  const problem = new Error(`the secret file ${file} is not a readable file inside GATE_SECRETS_DIR`);
  const root = await realpath(dir).catch(() => null);
  const path = await realpath(resolve(dir, file)).catch(() => null);
  if (root === null || path === null || !path.startsWith(root + sep)) throw problem;
  const found = await stat(path);
  if (!found.isFile() || found.size > LARGEST_SECRET) throw problem;
  const text = await readFile(path, 'utf8').catch(() => Promise.reject(problem));
  return text.replace(/\r?\n$/, '');
}

function unknownVariables(env: Environment): string[] {
  const known = (name: string) => GATE_VARIABLES.includes(name) || name.startsWith(SECRET_PREFIX);
  return Object.keys(env)
    .filter((name) => name.startsWith('GATE_') && !known(name))
    .sort()
    .map(
      (name) => `${name} is not known: remove it, or correct it to ${GATE_VARIABLES.join(', ')} or ${SECRET_PREFIX}….`,
    );
}

function integer(text: string, most: number): number | null {
  return /^\d{1,5}$/.test(text) && Number(text) <= most ? Number(text) : null;
}

function absolute(text: string): string | null {
  return isAbsolute(text) ? text : null;
}

function hostName(text: string): string | null {
  return isIP(text) !== 0 || /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/.test(text) ? text : null;
}

function isLoopback(host: string): boolean {
  const loopback = new BlockList();
  loopback.addSubnet('127.0.0.0', 8);
  loopback.addAddress('::1', 'ipv6');
  const family = isIP(host);
  return family === 0 ? host === 'localhost' : loopback.check(host, family === 6 ? 'ipv6' : 'ipv4');
}

function logLevel(text: string): LogLevel | null {
  return LOG_LEVELS.find((level) => level === text) ?? null;
}

function originName(text: string): string | null {
  return /^[^\s+]{1,200}$/.test(text) ? text : null;
}

function postgresUrl(text: string): string | null {
  return ['postgres:', 'postgresql:'].includes(URL.parse(text)?.protocol ?? '') ? text : null;
}

function proxies(text: string): number | string | null {
  const hops = integer(text, 10);
  if (hops !== null) return hops;
  const list = text.split(',').map((part) => part.trim());
  return list.every(isSubnet) ? list.join(',') : null;
}

function isSubnet(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return rest.length === 0 && most > 0 && (bits === undefined || (integer(bits, most) ?? 0) > 0);
}
