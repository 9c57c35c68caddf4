import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

const MODULE = new URL('../../src/telemetry/standard-output.ts', import.meta.url).href;

/** What a process with this program says on standard output, and its exit code. */
function run(program: string) {
  const text = `import { standardOutput } from '${MODULE}'; const out = standardOutput(); ${program}`;
  const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '-e', text], { encoding: 'utf8' });
  return { stdout, status };
}

describe('Lines on standard output', () => {
  it('come in their order, also those of later turns', () => {
    const program = "out.write('a\\n'); out.write('b\\n'); setTimeout(() => out.write('c\\n'), 5);";
    expect(run(program)).toEqual({ stdout: 'a\nb\nc\n', status: 0 });
  });

  it('are there when the process dies of a defect in the same turn', () => {
    expect(run("out.write('last\\n'); throw new Error('defect');")).toEqual({ stdout: 'last\n', status: 1 });
  });
});
