import { describe, expect, it } from 'vitest';
import type { Commit } from '../../src/app/ports.ts';
import { writing } from '../../src/storage/writes.ts';
import { aCommit, aLife, aService, putConfig, putLife } from './commits.ts';

function statementsFor(commits: readonly Commit[]): Record<string, unknown> {
  const statements = writing(commits, (values) => values);
  return Object.fromEntries(
    statements.map(({ name, values }) => [name, name === 'add-entries' ? values : rows(values)]),
  );
}

const rows = (values: readonly unknown[]): unknown => JSON.parse(String(values[0]));

describe('The statements of a batch', () => {
  it('touch each row once, with the last that was written to it', () => {
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
    expect(statementsFor(commits)).toEqual({
      'put-life': [{ ...aLife({ phase: 'live' }), service: 'checkout' }],
      'keep-relevant': [{ service: 'checkout', ring: 'canary' }],
      'delete-config': [gone],
      'put-config': [{ ...kept, document: { at: 3 }, etag: expect.any(String) }],
      'add-entries': expect.any(Array),
    });
  });

  it('put rows in the same order whatever the order of the commits, so that two replicas cannot block each other', () => {
    const commits = ['b', 'a', 'c'].map((ring) => aCommit({ writes: [putLife(aLife({ ring }))] }));
    const forwards = statementsFor(commits);
    const backwards = statementsFor([...commits].reverse());
    expect(forwards['put-life']).toEqual(backwards['put-life']);
  });
});
