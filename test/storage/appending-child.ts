/**
 * A process of its own that appends until it is killed, or `count` times, and says on stdout which
 * entries were acknowledged. Files that do not exist mark in a system call trace where it began and ended.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, writeSync } from 'node:fs';
import { openStore } from '../../src/storage/store.ts';
import { aCommit } from './commits.ts';

const [dataDir = '', callers = '1', count = 'Infinity'] = process.argv.slice(2);
let batches = 0;
const store = await openStore({
  databaseUrl: null,
  dataDir,
  newId: randomUUID,
  monotonicMs: () => performance.now(),
  onBatch: () => (batches += 1),
});

let left = Number(count);
async function append(): Promise<void> {
  while (left > 0) {
    left -= 1;
    const commit = aCommit({ raises: ['global'] });
    if ((await store.append(commit)) === 'recorded') writeSync(1, `${commit.entry.id}\n`);
  }
}

writeSync(1, 'open\n');
existsSync('/marker-begin');
await Promise.all(Array.from({ length: Number(callers) }, append));
existsSync('/marker-end');
writeSync(1, `batches ${batches}\n`);
await store.close();
