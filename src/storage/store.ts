import type { Store } from '../app/ports.ts';
import { forgetAsked, readAsked } from './asked.ts';
import { writeBatch } from './batch.ts';
import { readConfig, readConfigs } from './configs.ts';
import { readControl, readControls } from './controls.ts';
import { openEmbedded } from './embedded-engine.ts';
import type { Engine, PoolStats } from './engine.ts';
import { readEntries, readEntry, readLastAsked } from './entries.ts';
import { gateStateReader, nameOfState } from './gate-state.ts';
import { claimGithub, forgetGithub, postponeGithub } from './github-requests.ts';
import { GroupCommit } from './group-commit.ts';
import { GroupRead } from './group-read.ts';
import { History } from './history.ts';
import { KeptStates } from './kept-states.ts';
import { migrateEmbedded, migratePostgres } from './migrator.ts';
import { openPostgres } from './postgres-engine.ts';
import { readReadiness } from './readiness.ts';
import { readLives, readRelease, readReleases } from './releases.ts';
import { readRevisions } from './revisions.ts';
import { readAnyToken, readTokens, readTokensByHash } from './tokens.ts';

export { migrate } from './migrator.ts';

export interface StoreOptions {
  /** PostgreSQL; null keeps everything in `dataDir` with the embedded engine. */
  readonly databaseUrl: string | null;
  readonly dataDir: string;
  readonly newId: () => string;
  readonly monotonicMs: () => number;
  /** Hears how many commits share each transaction. */
  readonly onBatch?: (size: number) => void;
  /** Hears that what is remembered of the database may be of another history than it is now. */
  readonly onForget?: () => void;
}

export type OpenedStore = Store & { poolStats(): PoolStats };

const UPKEEP_MS = 60 * 60 * 1000;

/** Opens the database and brings it up to date. Rejects with GateError('conflict') when another process has DATA_DIR. */
export async function openStore(options: StoreOptions): Promise<OpenedStore> {
  const engine = await openEngine(options);
  try {
    await ensurePartitions(engine);
    const kept = new KeptStates(options.monotonicMs);
    const history = new History(engine, () => {
      kept.forget();
      options.onForget?.();
    });
    // Whoever needs it later finds out: a standby cannot be given one, and yet its record can be read.
    await history.renew().catch(() => undefined);
    return storeOf(
      engine,
      history,
      commitsTo(engine, history, options),
      await hotReads(engine, history, kept, options),
    );
  } catch (error) {
    await engine.close();
    throw error;
  }
}

function commitsTo(engine: Engine, history: History, options: StoreOptions): GroupCommit {
  const { monotonicMs, onBatch } = options;
  let checkedAt = monotonicMs();
  return new GroupCommit({
    monotonicMs,
    onBatch,
    write: (batch) => writeBatch(engine, history, batch),
    async afterBatch() {
      if (monotonicMs() - checkedAt < UPKEEP_MS) return;
      checkedAt = monotonicMs();
      await ensurePartitions(engine);
      await forgetAsked(engine);
      await forgetGithub(engine);
    },
  });
}

/** What nearly every request reads. */
async function hotReads(
  engine: Engine,
  history: History,
  kept: KeptStates,
  { monotonicMs }: StoreOptions,
): Promise<Pick<Store, 'gateState' | 'token'>> {
  const state = new GroupRead({
    read: await gateStateReader(engine, history, kept),
    nameOf: nameOfState,
    monotonicMs,
  });
  const token = new GroupRead({
    read: (hashes: readonly string[]) => readTokensByHash(engine, hashes),
    nameOf: (hash) => hash,
    monotonicMs,
  });
  return { gateState: (service, version) => state.get({ service, version }), token: (hash) => token.get(hash) };
}

function storeOf(
  engine: Engine,
  history: History,
  commits: GroupCommit,
  hot: Pick<Store, 'gateState' | 'token'>,
): OpenedStore {
  let closed: Promise<void> | null = null;
  return {
    ...hot,
    now: () => readNow(engine),
    revisions: (scopes) => readRevisions(engine, scopes),
    append: (commit) => commits.append(commit),
    config: (key) => readConfig(engine, key),
    configs: (kind, owner, page) => readConfigs(engine, kind, owner, page),
    control: (kind, id) => readControl(engine, kind, id),
    controls: (filter, page) => readControls(engine, filter, page),
    asked: (id) => readAsked(engine, id),
    claimGithub: (claim) => claimGithub(engine, claim),
    postponeGithub: (id, next) => postponeGithub(engine, id, next),
    lastAsked: (release) => readLastAsked(engine, release),
    entry: (id) => readEntry(engine, id),
    entries: (filter, page) => readEntries(engine, filter, page),
    lives: (service, version) => readLives(engine, service, version),
    releases: (service, page) => readReleases(engine, service, page),
    release: (service, version) => readRelease(engine, service, version),
    anyToken: () => readAnyToken(engine),
    tokens: () => readTokens(engine),
    ready: () => readReadiness(engine, history),
    poolStats: () => engine.stats(),
    close: () => {
      closed ??= commits.close().then(() => engine.close());
      return closed;
    },
  };
}

async function openEngine(options: StoreOptions): Promise<Engine> {
  if (options.databaseUrl !== null) {
    await migratePostgres(options.databaseUrl);
    return openPostgres(options.databaseUrl);
  }
  const engine = await openEmbedded(options.dataDir);
  try {
    await migrateEmbedded(engine);
    return engine;
  } catch (error) {
    await engine.close();
    throw error;
  }
}

async function readNow(engine: Engine): Promise<string> {
  const text = 'select rfc3339(clock_timestamp()) as now';
  const rows = await engine.read<{ now: string }>({ name: 'now', text, values: [] });
  return (rows as [{ now: string }])[0].now;
}

/** Partitions are for later pruning only: an entry without one is kept by the default partition, so a failure is no harm. */
async function ensurePartitions(engine: Engine): Promise<void> {
  await engine.transact(async () => [{ text: 'select audit.ensure_partitions()', values: [] }]).catch(() => undefined);
}
