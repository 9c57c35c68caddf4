import { parseArgs } from 'node:util';
import type { Ports } from './app/ports.ts';
import { ROLES } from './app/rights.ts';
import { createToken, nobodyAdministers } from './app/tokens.ts';
import { ConfigError, gateVersion, loadConfig } from './config.ts';
import { createContext, storeOptions } from './context.ts';
import { demo } from './demo.ts';
import { GateError } from './domain/errors.ts';
import type { Serving } from './main.ts';
import { replayAll } from './replay.ts';
import { migrate } from './storage/store.ts';
import { createLog } from './telemetry/log.ts';

const HELP = `ringgate ${gateVersion} – a deployment gate for staggered rollouts

  ringgate [serve]       answer on HOST and PORT
  ringgate demo          show a rollout and a rollback, on a database of its own that goes when it ends
  ringgate migrate       bring the database up to date, and stop
  ringgate token create --name <name> --role <role>
                         [--expires 90d] [--change emergency,security]
                         print a new token, once; roles: ${ROLES.join(' ')}
  ringgate replay [--file <path>]
                         decide every recorded decision again and compare; from the store, or from a file
                         with one recorded body per line. Exits with 1 when anything differs
  ringgate --version | --help

Everything else is set by environment variables; README.md lists them.
`;

const NO_ADMIN =
  'No valid token can make others over the API. Create one here that can: ringgate token create --name <who> --role admin\n';

/** Also behind a command, where people ask for it. */
const HELP_ASKED: ReadonlySet<string> = new Set(['--help', '-h']);

type Serve = (how?: Serving) => Promise<number>;

/** Something was asked of the command line that it does not offer. */
class UsageError extends Error {}

/** Runs one sub-command and returns the exit code: 0 done, 1 failed or different, 2 wrong usage or environment. */
export async function run(args: readonly string[], serve: Serve): Promise<number> {
  try {
    return await dispatch(args, serve);
  } catch (error) {
    return report(error);
  }
}

async function dispatch([command = 'serve', ...rest]: readonly string[], serve: Serve): Promise<number> {
  if (command === '--version') return say(gateVersion);
  if (command === 'help' || [command, ...rest].some((word) => HELP_ASKED.has(word))) return say(HELP.trimEnd());
  if (command === 'token' && rest[0] === 'create') return tokenCreate(rest.slice(1));
  if (command === 'replay') return replay(rest);
  if (rest.length > 0) throw new UsageError(`${command} takes no ${rest[0]}`);
  if (command === 'serve') return serve();
  if (command === 'demo') return demo(serve);
  if (command === 'migrate') return migrateNow();
  throw new UsageError(`there is no command ${command}`);
}

async function migrateNow(): Promise<number> {
  const { config, secrets } = loadConfig();
  const done = await migrate(storeOptions(config, secrets));
  return say(done.length === 0 ? 'Nothing to migrate.' : done.map((name) => `Migrated: ${name}`).join('\n'));
}

async function tokenCreate(args: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const given = options(args, { name: text, role: text, expires: text, change: text });
  const { name, role, expires } = given;
  const known = ROLES.find((each) => each === role);
  if (!name || known === undefined) throw new UsageError(`token create needs --name, and --role (${ROLES.join(', ')})`);
  const changes = (given.change ?? '').split(',').filter((each) => each !== '');
  const request = { name, role: known, changes, ...(expires === undefined ? {} : { expires }) };
  const { made, last } = await withPorts(async (ports) => ({
    made: await createToken(ports, null, request),
    last: await nobodyAdministers(ports),
  }));
  const { id, token, expiresAt } = made;
  if (last) process.stderr.write(NO_ADMIN);
  process.stderr.write(`Token ${id} for ${name} (${role}), valid until ${expiresAt}. It is shown only this once:\n`);
  return say(token);
}

async function replay(args: readonly string[]): Promise<number> {
  const { file } = options(args, { file: { type: 'string' } });
  const summary =
    file === undefined ? await withPorts((ports) => replayAll({ store: ports.store })) : await replayAll({ file });
  for (const line of summary.differences) say(line);
  say(`${summary.count} decisions replayed by ringgate ${gateVersion}, ${summary.differences.length} differ.`);
  return summary.differences.length === 0 ? 0 : 1;
}

/** For commands that work on the store: opens it and closes it again. Logs only what went wrong. */
async function withPorts<T>(work: (ports: Ports) => Promise<T>): Promise<T> {
  const { config, secrets } = loadConfig();
  const context = await createContext({ config, secrets, overrides: { log: createLog('error') } });
  try {
    return await work(context.ports);
  } finally {
    await context.close();
  }
}

function options<T extends Record<string, { readonly type: 'string' }>>(args: readonly string[], known: T) {
  try {
    return parseArgs({ args: [...args], options: known, strict: true }).values as Partial<Record<keyof T, string>>;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'unreadable arguments');
  }
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

function report(error: unknown): number {
  const { text, code } = explain(error);
  process.stderr.write(`ringgate: ${text}\n`);
  return code;
}

function explain(error: unknown): { readonly text: string; readonly code: number } {
  if (error instanceof UsageError) return { text: `${error.message}. See ringgate --help.`, code: 2 };
  if (error instanceof ConfigError) return { text: error.message, code: 2 };
  if (error instanceof GateError) return { text: error.message, code: 1 };
  if (!(error instanceof Error)) return { text: 'stopped by something that is not an error', code: 1 };
  const problem = 'code' in error && error.code === 'EADDRINUSE';
  if (problem) return { text: 'PORT is in use by another process: choose another, or 0 for a free one.', code: 1 };
  return { text: error.stack ?? error.message, code: 1 };
}
