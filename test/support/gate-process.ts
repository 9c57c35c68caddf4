import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What the workers have compiled needs no compiling in a gate of theirs; only time depends on it. */
const COMPILED = { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? '' };

/** ringgate as its users start it: a process of its own, with nothing else in its environment but what is given. */
export interface GateProcess {
  readonly child: ChildProcess;
  /** What was written so far. */
  stdout(): string;
  stderr(): string;
  /** Resolves with the line of the log that has this message. Rejects when the process ends without it. */
  logged(message: string): Promise<Record<string, unknown>>;
  /** Resolves with the exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
}

export function startGate(args: readonly string[], env: Readonly<Record<string, string>>): GateProcess {
  return watch(
    spawn(process.execPath, ['src/main.ts', ...args], { cwd: root, env: { ...COMPILED, PORT: '0', ...env } }),
  );
}

/** The same through `npm start`, with the npm and the node that the machine has. */
export function npmStart(env: Readonly<Record<string, string>>): GateProcess {
  return npmRun('start', env);
}

/** A script of package.json, through npm. */
export function npmRun(script: string, env: Readonly<Record<string, string>>): GateProcess {
  const path = (process.env.PATH ?? '').split(':').filter((folder) => !folder.includes('node_modules/.bin'));
  const home = process.env.HOME ?? '/';
  return watch(
    spawn('npm', ['run', script], {
      cwd: root,
      env: { ...COMPILED, PATH: path.join(':'), HOME: home, PORT: '0', ...env },
    }),
  );
}

/** Runs a sub-command to its end. */
export async function runGate(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const gate = startGate(args, env);
  const code = await gate.ended;
  return { code, stdout: gate.stdout(), stderr: gate.stderr() };
}

/** A process that was started in another way, watched like the others. */
export function watch(child: ChildProcess): GateProcess {
  const written = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      written[name] += text;
      for (const listener of listeners) listener();
    });
  }
  const ended = new Promise<number | string>((resolve) =>
    child.on('close', (code, signal) => resolve(code ?? signal ?? 'unknown')),
  );
  const logged = (message: string) =>
    new Promise<Record<string, unknown>>((resolve, reject) => {
      const look = () => {
        const line = lineOf(written.stdout, message);
        if (line !== null) resolve(line);
      };
      listeners.add(look);
      look();
      void ended.then((code) =>
        reject(new Error(`ended with ${code} before "${message}":\n${written.stdout}${written.stderr}`)),
      );
    });
  return { child, stdout: () => written.stdout, stderr: () => written.stderr, logged, ended };
}

function lineOf(text: string, message: string): Record<string, unknown> | null {
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  const found = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Record<string, unknown>);
  return found.find((line) => line.msg === message) ?? null;
}
