import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { watch } from '../support/gate-process.ts';
import { Connection, requestText } from './connection.ts';
import { median, percentile } from './statistics.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

async function bench(...args: string[]) {
  const run = watch(spawn(process.execPath, ['test/bench/main.ts', ...args], { cwd: root }));
  return { code: await run.ended, stdout: run.stdout(), stderr: run.stderr() };
}

describe('The benchmarks', () => {
  it('run to their end and print what they measured', { timeout: 120_000 }, async () => {
    const { code, stdout, stderr } = await bench('--short', '--part', 'throughput');
    expect(stderr).not.toContain('Error');
    expect(code).toBe(0);
    expect(stdout).toMatch(/\| hold, one release +\| 4 +\| \d+ \/ \d+ +\| \d+\.\d\d ×/);
    expect(stdout).toMatch(/\| promote, one release +\| 4 +\| \d+ \/ \d+ +\| \d+\.\d\d ×/);
  });

  it('refuse a part that there is none of', async () => {
    const { code, stderr } = await bench('--part', 'nothing');
    expect(code).not.toBe(0);
    expect(stderr).toContain('there are throughput, prometheus, slo, start');
  });

  it('take medians and percentiles of what was measured', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3]), percentile([1, 2, 3, 4], 0.5), percentile([7], 0.99)]).toEqual([
      2, 2.5, 2, 7,
    ]);
  });

  it('say so when nobody answers', async () => {
    const connection = new Connection(1);
    await expect(connection.ask(requestText({ port: 1, path: '/' }))).rejects.toThrow(/ECONNREFUSED/);
  });
});
