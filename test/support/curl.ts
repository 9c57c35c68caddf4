/** The real curl binary: what a pipeline has at hand, with nothing of the machine's own settings. */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { requireBinary } from './binaries.ts';

export interface CurlAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers freely; the contract check has typed them already
  readonly body: any;
}

export interface Call {
  readonly method?: string;
  readonly token?: string;
  readonly body?: unknown;
}

/** A curl that runs, or a shell that has become one. */
export interface RunningCurl {
  readonly child: ChildProcess;
  stderr(): string;
  /** Resolves with the exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
}

const LONGEST_MS = 80_000;

/** One request. Throws when curl itself fails; any status is an answer. */
export async function curl(url: string, { method = 'GET', token, body }: Call = {}): Promise<CurlAnswer> {
  const authorization = token === undefined ? [] : ['--header', `Authorization: Bearer ${token}`];
  const data = body === undefined ? [] : ['--json', JSON.stringify(body)];
  const args = ['-q', '-sS', '-i', '--max-time', '30', '--request', method, ...authorization, ...data, url];
  const child = spawn(requireBinary('curl'), args, { env: {}, timeout: LONGEST_MS, killSignal: 'SIGKILL' });
  const running = watch(child);
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  const code = await running.ended;
  if (code !== 0) throw new Error(`curl ended with ${code} on ${method} ${url}: ${running.stderr()}`);
  return answerFrom(stdout);
}

/** The answer, which must be one of these statuses. */
export async function curlExpecting(statuses: readonly number[], url: string, call: Call = {}): Promise<CurlAnswer> {
  const answer = await curl(url, call);
  if (statuses.includes(answer.status)) return answer;
  const wanted = statuses.join(' or ');
  throw new Error(`${call.method ?? 'GET'} ${url}: ${answer.status}, not ${wanted}: ${JSON.stringify(answer.body)}`);
}

/** A line of shell that is one curl command, in a folder that is also its home. `exec` makes it the process that a test ends. */
export function runLine(line: string, folder: string, variables: Readonly<Record<string, string>>): RunningCurl {
  requireBinary('curl');
  const env = { PATH: process.env.PATH ?? '', HOME: folder, ...variables };
  return watch(
    spawn('/bin/sh', ['-c', `exec ${line}`], { cwd: folder, env, timeout: LONGEST_MS, killSignal: 'SIGKILL' }),
  );
}

/** Waits until the text has been written to stderr so many times; fails when curl ends or is silent for too long. */
export async function saidTimes(running: RunningCurl, text: string | RegExp, times: number): Promise<void> {
  const end = performance.now() + LONGEST_MS;
  const count = () => running.stderr().split(text).length - 1;
  while (count() < times) {
    const over = running.child.exitCode !== null || performance.now() > end;
    if (over) throw new Error(`curl said ${text} ${count()} times, not ${times}:\n${running.stderr()}`);
    await delay(25);
  }
}

function watch(child: ChildProcess): RunningCurl {
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<number | string>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  return { child, stderr: () => stderr, ended };
}

function answerFrom(text: string): CurlAnswer {
  const end = text.indexOf('\r\n\r\n');
  const [start = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  const named = Object.fromEntries(headers);
  const body = text.slice(end + 4);
  const isJson = /json/.test(named['content-type'] ?? '');
  return { status: Number(start.split(' ')[1]), headers: named, body: isJson ? JSON.parse(body) : body };
}
