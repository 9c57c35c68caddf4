import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A process of this machine as `ps` shows it to everybody. */
export interface SeenProcess {
  readonly pid: number;
  readonly commandLine: string;
}

/** Those that are at work in a folder or below. */
export function processesIn(folder: string): readonly SeenProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        if (!readlinkSync(`/proc/${pid}/cwd`).startsWith(folder)) return [];
        return [{ pid: Number(pid), commandLine: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') }];
      } catch {
        return [];
      }
    });
}

/** Sends it to all of them; one that has just ended by itself needs none. */
export function signalAllIn(folder: string, signal: NodeJS.Signals): void {
  for (const { pid } of processesIn(folder)) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
