import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { recipeFile } from './readme.ts';

/** Notes what it was asked to do; fails for a version that says so. */
export const DEPLOY = '#!/bin/sh\necho "$1 to $2" >> deployments\ncase "$1" in *-broken) exit 3 ;; esac\n';

export type Variables = Readonly<Record<string, string>>;

export interface Ended {
  readonly code: number | string;
  readonly said: string;
}

export interface RunningShell {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** A folder as a pipeline has it, with `gate.sh` and a `deploy.sh`. Whatever a shell leaves in its TMPDIR is seen. */
export interface Workspace {
  readonly folder: string;
  readonly temporary: string;
  start(script: string, variables?: Variables, command?: readonly string[]): RunningShell;
  run(script: string, variables?: Variables, command?: readonly string[]): Promise<Ended>;
  deployments(): readonly string[];
  /** What `deploy.sh` is from now on. */
  deploysWith(script: string): void;
  remove(): void;
}

/** Limits small enough for a test; what is waited for comes within them. */
const LIMITS = { GATE_TIMEOUT: '40', GATE_REPORT_TIMEOUT: '40', GATE_PAUSE: '1' };

/** With the functions at hand: `sh -c '. ./gate.sh; …'`, with nothing of this process's environment but its PATH. */
export function aWorkspace(gate: string): Workspace {
  const folder = mkdtempSync(join(tmpdir(), 'ringgate-recipe-'));
  const temporary = join(folder, 'tmp');
  const file = join(folder, 'deployments');
  mkdirSync(temporary);
  writeFileSync(join(folder, 'gate.sh'), recipeFile('gate.sh'));
  const deploysWith = (script: string) => writeFileSync(join(folder, 'deploy.sh'), script, { mode: 0o755 });
  deploysWith(DEPLOY);
  const start: Workspace['start'] = (script, variables = {}, [program = 'sh', ...args] = ['sh', '-c']) => {
    const own = { PATH: process.env.PATH ?? '', HOME: folder, TMPDIR: temporary, GATE: gate, ...LIMITS };
    const child = spawn(program, [...args, script], {
      cwd: folder,
      env: { ...own, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const code = new Promise<number | string>((resolve) =>
      child.on('close', (ended, signal) => resolve(ended ?? signal ?? 'unknown')),
    );
    const ended = Promise.all([text(child.stdout), text(child.stderr), code]).then(([out, err, code]) => ({
      code,
      said: out + err,
    }));
    return { child, ended };
  };
  return {
    folder,
    temporary,
    start,
    run: (...given) => start(...given).ended,
    deployments: () => (existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : []),
    deploysWith,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
