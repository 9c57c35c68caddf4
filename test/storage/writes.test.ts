import { describe, expect, it } from 'vitest';
import type { Statement } from '../../src/storage/engine.ts';
import { writeAll } from '../../src/storage/writes.ts';
import { aCommit, aLife, aService, putConfig, putLife } from './commits.ts';

async function statementsFor(commits: Parameters<typeof writeAll>[1]): Promise<Record<string, unknown>> {
  const statements: Statement[] = [];
  const run = (statement: Statement) => {
    statements.push(statement);
    return Promise.resolve([]);
  };
  await writeAll({ run, texts: (values) => values }, commits);
  return Object.fromEntries(
    statements.map(({ name, values }) => [name, name === 'add-entries' ? values : rows(values)]),
  );
}

const rows = (values: readonly unknown[]): unknown => JSON.parse(String(values[0]));

describe('The statements of a batch', () => {
  it('touch each row once, with the last that was written to it', async () => {
    const [kept, gone] = [aService('kept'), aService('gone')];
    const commits = [
      aCommit({ writes: [putLife(aLife({ phase: 'promised' })), putConfig(gone, { at: 1 })] }),
      aCommit({
        writes: [
          { kind: 'delete-config', key: gone },
          { kind: 'delete-config', key: kept },
        ],
      }),
      aCommit({ writes: [putLife(aLife({ phase: 'live' })), putConfig(kept, { at: 3 })] }),
    ];
    expect(await statementsFor(commits)).toEqual({
      'put-life': [{ ...aLife({ phase: 'live' }), service: 'checkout' }],
      'keep-relevant': [{ service: 'checkout', ring: 'canary' }],
      'delete-config': [gone],
      'put-config': [{ ...kept, document: { at: 3 }, etag: expect.any(String) }],
      'add-entries': expect.any(Array),
    });
  });

  it('put rows in the same order whatever the order of the commits, so that two replicas cannot block each other', async () => {
    const commits = ['b', 'a', 'c'].map((ring) => aCommit({ writes: [putLife(aLife({ ring }))] }));
    const forwards = await statementsFor(commits);
    const backwards = await statementsFor([...commits].reverse());
    expect(forwards['put-life']).toEqual(backwards['put-life']);
  });
});
