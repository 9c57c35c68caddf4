import { readdirSync, readFileSync } from 'node:fs';

/** The kernel counts in hundredths of a second on every machine that this runs on. */
const TICK_MS = 10;

/**
 * Milliseconds of processor time that a process has used, with its children, also those that have
 * ended. What others do on the machine changes times, but hardly this.
 */
export function cpuTimeMs(pid: number): number {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && statOf(name)?.parent === pid);
  return [String(pid), ...children].reduce((sum, each) => sum + (statOf(each)?.ticks ?? 0) * TICK_MS, 0);
}

function statOf(pid: string): { readonly parent: number; readonly ticks: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is a name in parentheses that may hold anything.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const ticks = fields.slice(11, 15).reduce((sum, each) => sum + each, 0);
    return { parent: fields[1] ?? 0, ticks };
  } catch {
    return null;
  }
}
