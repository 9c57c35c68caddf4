import type {
  Asked,
  ClaimedGithub,
  Commit,
  CommitOutcome,
  ConfigKey,
  ConfigKind,
  ConfigRow,
  ControlFilter,
  ControlKind,
  ControlRow,
  Entry,
  EntryFilter,
  FoundToken,
  GateState,
  GithubRequest,
  Page,
  PageRequest,
  ProviderDocument,
  Revisions,
  Store,
  StoredToken,
  Write,
} from '../../src/app/ports.ts';
import { questionIn, type RecordedBody } from '../../src/app/repeated-hold.ts';
import { type Asker, askerKey } from '../../src/domain/asker.ts';
import { leafHash } from '../../src/domain/audit/canonical.ts';
import { GateError } from '../../src/domain/errors.ts';
import type { FreezeDocument } from '../../src/domain/freeze.ts';
import type { Life, ReleaseState } from '../../src/domain/life.ts';
import { hasLease, knownTo } from '../../src/domain/lives.ts';
import type { Release } from '../../src/domain/release.ts';
import type { RuleDocument } from '../../src/domain/rule.ts';
import type { ServiceDocument } from '../../src/domain/service.ts';
import { matchesEntry, pageOf } from './memory-pages.ts';

/**
 * A whole store in memory for tests of use cases. It keeps the promises that use cases lean on:
 * an append is all or nothing, revisions are compared before anything is written, every scope in
 * `raises` goes up by exactly one, entries are never replaced, and what is read is a copy as a
 * database would give it (plain JSON). The clock stands still until a test moves it.
 */
export class MemoryStore implements Store {
  /** `down` refuses every call; the other two let the next append fail before or after it was written. */
  fault: 'none' | 'down' | 'lost-before' | 'lost-after' = 'none';
  /** Runs once, just before the next append looks at the revisions: somebody else's change. */
  beforeAppend: (() => Promise<unknown>) | null = null;
  /** Every append that was recorded, oldest first. */
  readonly commits: Commit[] = [];

  #now: number;
  readonly #revisions = new Map<string, number>([['history', 1]]);
  readonly #configs = new Map<string, ConfigRow>();
  readonly #entries = new Map<string, Entry>();
  readonly #lives = new Map<string, { service: string; life: Life }>();
  readonly #releases = new Map<string, { service: string; release: ReleaseState }>();
  readonly #controls = new Map<string, ControlRow>();
  readonly #tokens = new Map<string, StoredToken>();
  readonly #askers = new Map<string, Release & { readonly asker: Asker }>();
  readonly #asked = new Map<string, Asked>();
  /** What waits at GitHub, by id. */
  readonly github = new Map<string, GithubRequest>();

  constructor(now = '2026-11-22T10:00:00.000Z') {
    this.#now = Date.parse(now);
  }

  /** Moves the clock. */
  advance(ms: number): void {
    this.#now += ms;
  }

  /** Raises a revision as another writer would. */
  touch(scope: string): void {
    this.#revisions.set(scope, (this.#revisions.get(scope) ?? 0) + 1);
  }

  /** The same rows in another history of the database, as after a failover. */
  failOver(): void {
    this.touch('history');
  }

  revision(scope: string): number {
    return this.#revisions.get(scope) ?? 0;
  }

  /** The parsed bodies of all entries, oldest first. */
  bodies(): readonly Record<string, unknown>[] {
    return [...this.#entries.values()].map((entry) => JSON.parse(entry.body) as Record<string, unknown>);
  }

  /** Replaces the stored text of an entry, and its hash if one is given, as somebody with database access could. */
  tamper(id: string, body: string, hash?: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw new Error(`no entry ${id}`);
    this.#entries.set(id, { ...entry, body, leafHash: hash ?? entry.leafHash });
  }

  async now(): Promise<string> {
    this.#answer();
    return new Date(this.#now).toISOString();
  }

  async gateState(service: string, version: string): Promise<GateState> {
    this.#answer();
    const rows = this.#sortedConfigs();
    return copy({
      now: new Date(this.#now).toISOString(),
      service: (this.#configs.get(configId({ kind: 'service', owner: '', name: service }))?.document ??
        null) as ServiceDocument | null,
      rules: rows
        .filter((row) => row.kind === 'rule' && row.owner === service)
        .map((row) => ({ name: row.name, rule: row.document as RuleDocument })),
      providers: rows
        .filter((row) => row.kind === 'provider')
        .map((row) => ({ name: row.name, provider: row.document as ProviderDocument })),
      rollout: knownTo(
        { lives: this.#livesOf(service), releases: this.#releasesOf(service).map((row) => row.release) },
        version,
        new Date(this.#now).toISOString(),
      ),
      freezes: rows
        .filter((row) => row.kind === 'freeze')
        .map((row) => ({ name: row.name, document: row.document as FreezeDocument })),
      controls: [...this.#controls.values()].filter((row) => this.#stands(row) && isAbout(row, service, version)),
      askers: this.#askersOf(service, version),
      revisions: this.#revisionsOf(service),
    });
  }

  async revisions(scopes: readonly string[]): Promise<Revisions> {
    this.#answer();
    return Object.fromEntries(['history', ...scopes].map((scope) => [scope, this.revision(scope)]));
  }

  async append(commit: Commit): Promise<CommitOutcome> {
    this.#answer();
    const interruption = this.beforeAppend;
    this.beforeAppend = null;
    await interruption?.();
    if (this.fault === 'lost-before') this.#lose();
    for (const { id, body, leafHash: hash } of [...(commit.also ?? []), commit.entry]) {
      if (this.#entries.has(id)) throw new Error(`entry ${id} exists`);
      if (/(?<!\\)(?:\\\\)*\\u0000/.test(body)) throw new Error('jsonb refuses \\u0000');
      if (leafHash(body) !== hash) throw new Error('the leaf hash is not of the body');
    }
    if (Object.entries(commit.expects).some(([scope, n]) => this.revision(scope) !== n)) return 'state-changed';
    const { also = [], entry, writes, raises } = copy(commit);
    const recordedAt = new Date(this.#now).toISOString();
    for (const { person: _, ...recorded } of [...also, entry])
      this.#entries.set(recorded.id, { ...recorded, recordedAt });
    for (const write of writes) this.#write(write);
    for (const scope of new Set(raises)) this.touch(scope);
    this.commits.push(commit);
    if (this.fault === 'lost-after') this.#lose();
    return 'recorded';
  }

  async config(key: ConfigKey): Promise<{ readonly row: ConfigRow | null; readonly revisions: Revisions }> {
    this.#answer();
    const service = key.kind === 'service' ? key.name : key.kind === 'rule' ? key.owner : null;
    return copy({ row: this.#configs.get(configId(key)) ?? null, revisions: this.#revisionsOf(service) });
  }

  async configs(kind: ConfigKind, owner: string | null, page: PageRequest): Promise<Page<ConfigRow>> {
    this.#answer();
    const rows = this.#sortedConfigs().filter((row) => row.kind === kind && (owner === null || row.owner === owner));
    return pageOf(rows.map(copy), page, configId);
  }

  async control(
    kind: ControlKind,
    id: string,
  ): Promise<{ readonly row: ControlRow; readonly revisions: Revisions } | null> {
    this.#answer();
    const row = this.#controls.get(id);
    return row?.kind === kind ? copy({ row, revisions: this.#revisionsOf(row.service) }) : null;
  }

  async controls(filter: ControlFilter, page: PageRequest): Promise<Page<ControlRow>> {
    this.#answer();
    const rows = [...this.#controls.values()]
      .reverse()
      .filter(
        (row) =>
          row.kind === filter.kind &&
          (filter.service === undefined || row.service === filter.service) &&
          (filter.version === undefined || row.version === filter.version) &&
          (filter.standing !== true || this.#stands(row)),
      );
    return pageOf(rows.map(copy), page, (row) => row.document.id);
  }

  async asked(id: string): Promise<{ readonly row: Asked | null; readonly revisions: Revisions }> {
    this.#answer();
    const scope = `asked/${id}`;
    return copy({ row: this.#asked.get(id) ?? null, revisions: { [scope]: this.revision(scope) } });
  }

  async claimGithub({
    now,
    until,
    limit,
  }: {
    now: string;
    until: string;
    limit: number;
  }): Promise<readonly ClaimedGithub[]> {
    this.#answer();
    const due = [...this.github.values()].filter(({ endedAt, dueAt }) => endedAt === null && dueAt <= now);
    return due.slice(0, limit).map((request) => {
      const claimed = { ...request, dueAt: until };
      this.github.set(request.id, claimed);
      const scope = `github/${request.id}`;
      return copy({ request: claimed, revisions: { [scope]: this.revision(scope) } });
    });
  }

  async postponeGithub(id: string, next: { dueAt: string; failures: number }): Promise<void> {
    this.#answer();
    const request = this.github.get(id);
    if (request?.endedAt === null) this.github.set(id, { ...request, ...next });
  }

  async lastAsked(release: string): Promise<string | null> {
    this.#answer();
    const asked = this.bodies().filter(
      (body) =>
        body.kind === 'decision' &&
        body.release === release &&
        (body.caller as { kind: string }).kind !== 'system' &&
        questionIn(body as unknown as RecordedBody).dryRun === false,
    );
    return (asked.at(-1)?.at ?? null) as string | null;
  }

  async entry(id: string): Promise<Entry | null> {
    this.#answer();
    return copy(this.#entries.get(id) ?? null);
  }

  async entries(filter: EntryFilter, page: PageRequest): Promise<Page<Entry>> {
    this.#answer();
    const newestFirst = [...this.#entries.values()].reverse().filter((entry) => matchesEntry(entry, filter));
    return pageOf(newestFirst.map(copy), page, (entry) => entry.id);
  }

  async lives(service: string, version: string | null): Promise<readonly Life[]> {
    this.#answer();
    return copy(this.#livesOf(service).filter((life) => version === null || life.version === version));
  }

  async releases(
    service: string | null,
    page: PageRequest,
  ): Promise<Page<{ readonly service: string; readonly release: ReleaseState }>> {
    this.#answer();
    const newestFirst = [...this.#releasesOf(service)].reverse();
    return pageOf(newestFirst.map(copy), page, (row) => `${row.service}@${row.release.version}`);
  }

  async release(service: string, version: string): Promise<ReleaseState | null> {
    this.#answer();
    return copy(this.#releases.get(`${service}@${version}`)?.release ?? null);
  }

  async token(hash: string): Promise<FoundToken | null> {
    this.#answer();
    const found = [...this.#tokens.values()].find((token) => token.hash === hash);
    return found === undefined ? null : { ...copy(found), now: new Date(this.#now).toISOString() };
  }

  async anyToken(): Promise<boolean> {
    this.#answer();
    return this.#tokens.size > 0;
  }

  async tokens(): Promise<readonly StoredToken[]> {
    this.#answer();
    return copy([...this.#tokens.values()]);
  }

  async ready(): Promise<{ readonly ready: true } | { readonly ready: false; readonly reason: string }> {
    return this.fault === 'down' ? { ready: false, reason: 'the store is down' } : { ready: true };
  }

  async close(): Promise<void> {}

  #answer(): void {
    if (this.fault === 'down') throw new GateError('unavailable', 'the store does not answer');
  }

  #lose(): never {
    this.fault = 'none';
    throw new GateError('unavailable', 'the connection was lost during the append');
  }

  #revisionsOf(service: string | null): GateState['revisions'] {
    const scopes = service === null ? ['global'] : ['global', `service/${service}`];
    return {
      history: this.revision('history'),
      ...Object.fromEntries(scopes.map((scope) => [scope, this.revision(scope)])),
    };
  }

  #stands(row: ControlRow): boolean {
    return row.endedAt === null && (row.expiresAt === null || Date.parse(row.expiresAt) > this.#now);
  }

  #sortedConfigs(): readonly ConfigRow[] {
    return [...this.#configs.values()].sort((a, b) => (configId(a) < configId(b) ? -1 : 1));
  }

  #livesOf(service: string): readonly Life[] {
    const began = (life: Life): string => life.promisedAt ?? life.liveAt ?? life.reportedAt ?? life.endedAt ?? '';
    const own = [...this.#lives.values()].filter((row) => row.service === service).map((row) => row.life);
    return own.sort((a, b) => began(a).localeCompare(began(b)));
  }

  #askersOf(service: string, version: string): readonly Asker[] {
    const rows = [...this.#askers.values()].filter((row) => row.service === service && row.version === version);
    return rows.map(({ asker }) => asker);
  }

  #releasesOf(service: string | null): readonly { service: string; release: ReleaseState }[] {
    return [...this.#releases.values()].filter((row) => service === null || row.service === service);
  }

  #recall({ service, life }: { service: string; life: Life }, write: Extract<Write, { kind: 'recall-leases' }>): void {
    const { at } = write.recall;
    const inScope = (write.service ?? service) === service && (write.version ?? life.version) === life.version;
    if (!inScope || !hasLease(life, at)) return;
    const spans = (life.spans ?? []).map((span, i, all) => (i === all.length - 1 ? { ...span, end: at } : span));
    this.#write({ kind: 'put-life', service, life: { ...life, recalled: write.recall, leaseUntil: at, spans } });
  }

  #write(write: Write): void {
    if (write.kind === 'put-config') {
      const { key, document, etag } = write;
      const updatedAt = new Date(this.#now).toISOString();
      this.#configs.set(configId(key), { ...key, document, etag, updatedAt });
    } else if (write.kind === 'delete-config') {
      this.#configs.delete(configId(write.key));
    } else if (write.kind === 'put-life') {
      const { service, life } = write;
      this.#lives.set(`${service}@${life.version}/${life.ring}/${life.n}`, { service, life });
    } else if (write.kind === 'recall-leases') {
      for (const row of [...this.#lives.values()]) this.#recall(row, write);
    } else if (write.kind === 'put-release') {
      const { service, release } = write;
      this.#releases.set(`${service}@${release.version}`, { service, release });
    } else if (write.kind === 'put-control') {
      this.#controls.set(write.control.document.id, write.control);
    } else if (write.kind === 'put-github') {
      this.github.set(write.request.id, write.request);
    } else if (write.kind === 'put-asker') {
      const { service, version, asker } = write;
      this.#askers.set(askerId(write), { service, version, asker });
    } else if (write.kind === 'delete-asker') {
      this.#askers.delete(askerId(write));
    } else if (write.kind === 'clear-askers') {
      for (const [id, row] of this.#askers)
        if (row.service === write.service && row.version === write.version) this.#askers.delete(id);
    } else if (write.kind === 'put-token') {
      this.#tokens.set(write.token.id, write.token);
    } else {
      this.#asked.set(write.asked.id, write.asked);
    }
  }
}

function configId(key: ConfigKey): string {
  return `${key.kind}/${key.owner}/${key.name}`;
}

function askerId({ service, version, asker }: Release & { readonly asker: Asker }): string {
  return `${service}@${version}/${askerKey(asker)}`;
}

function isAbout(row: ControlRow, service: string, version: string): boolean {
  return (row.service === null || row.service === service) && (row.version === null || row.version === version);
}

/** What a database gives back: plain JSON, nothing shared with the caller. */
function copy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
