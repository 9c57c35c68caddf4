import { fdatasyncSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';

/** The parts of the Emscripten module that are needed here; PGlite does not declare them. */
interface FileSystemModule {
  NODEFS: { stream_ops: { fsync?: (stream: { nfd: number }) => number } };
}

/**
 * PGlite as published never waits for the disk: it starts with `-F`, and its file system has no
 * fsync. An answer given then could be lost with the machine. Both are put right here; that it
 * works is seen from outside the process, in test/storage/durability.test.ts, because it leans on
 * undocumented parts.
 */
export class SyncedFiles extends NodeFS {
  override async init(...[database, options]: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
    const prepared = await super.init(database, options);
    const preRun = [prepared.emscriptenOpts.preRun ?? []].flat();
    return {
      ...prepared,
      emscriptenOpts: { ...prepared.emscriptenOpts, preRun: [...preRun, makeSyncReal] as never },
    };
  }
}

function makeSyncReal(module: unknown): void {
  (module as FileSystemModule).NODEFS.stream_ops.fsync = (stream) => {
    fdatasyncSync(stream.nfd);
    return 0;
  };
}

export const SYNCED_START_PARAMS: string[] = [
  ...PGlite.defaultStartParams.filter((param) => param !== '-F'),
  '-c',
  'wal_sync_method=fsync',
];
