import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../support/poll.ts';
import { atEnd } from './cleanups.ts';
import { newFolder } from './folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface ServerProcess {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Resident memory in MiB: now, and the most there ever was. */
  memory(): { readonly now: number; readonly most: number };
  /** SIGTERM unless told otherwise; resolves when the process is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/**
 * A server as a process of its own. It logs into a file, as behind any collector: a pipe that we would
 * have to read would cost the measuring side what the log costs the server.
 */
export async function startServer(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<ServerProcess> {
  const file = join(newFolder(), 'log');
  const log = openSync(file, 'w');
  const child = spawn(process.execPath, [...args], {
    cwd: root,
    env: { PORT: '0', ...env },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const stop = (signal: NodeJS.Signals = 'SIGTERM') => end(child, signal);
  atEnd(() => stop('SIGKILL'));
  const url = await until(`${args[0]} listening`, async () => listeningIn(child, file), 120_000);
  return { url, port: Number(new URL(url).port), pid: child.pid ?? 0, memory: () => memoryOf(child), stop };
}

/** ringgate, as its users start it. */
export function startRinggate(env: Readonly<Record<string, string>>): Promise<ServerProcess> {
  return startServer(['src/main.ts'], env);
}

function listeningIn(child: ChildProcess, file: string): string | null {
  const text = readFileSync(file, 'utf8');
  if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${text}`);
  const line = text.split('\n').find((each) => each.includes('"listening"') && each.endsWith('}'));
  return line === undefined ? null : (JSON.parse(line) as { url: string }).url;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

function memoryOf(child: ChildProcess): { now: number; most: number } {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
  return { now: kib('VmRSS') / 1024, most: kib('VmHWM') / 1024 };
}
