import type { Asker } from '../domain/asker.ts';
import type { FreezeDocument } from '../domain/freeze.ts';
import type { Life, Recall, ReleaseState, Rollout } from '../domain/life.ts';
import type { Release } from '../domain/release.ts';
import type { RuleDocument } from '../domain/rule.ts';
import type { ServiceDocument } from '../domain/service.ts';
import type { ControlFilter, ControlKind, ControlRow } from './control-row.ts';
import type { Desk } from './desk.ts';
import type { Events } from './events-port.ts';
import type { WindowsAt } from './freeze-windows.ts';
import type { GithubApi, GithubQueue, GithubRequest } from './github-port.ts';
import type { MetricProviders, ProviderInspector } from './metric-providers.ts';
import type { ProviderDocument } from './provider-document.ts';
import type { Runtime } from './runtime.ts';

export type { ControlFilter, ControlKind, ControlRow } from './control-row.ts';
export type { Events } from './events-port.ts';
export type * from './github-port.ts';
export type { MetricProviders, ProviderInspection, ProviderInspector } from './metric-providers.ts';
export type { ProviderDocument, RecordedAnswer, SecretReference } from './provider-document.ts';
export type { Runtime } from './runtime.ts';

/** Who is calling, as far as the use cases care. */
export interface Principal {
  readonly kind: 'token' | 'github' | 'anonymous' | 'system';
  /** The token's id, or the app's name; null for the anonymous caller and the service itself. */
  readonly id: string | null;
  readonly name: string;
  readonly roles: readonly Role[];
  /** Change classes it may claim; always contains `standard`. */
  readonly changes: readonly string[];
}

export type Role = 'pipeline' | 'configurator' | 'operator' | 'auditor' | 'admin';
export type Right = 'ask' | 'deploy' | 'read' | 'configure' | 'operate' | 'audit' | 'administer';

/** One request, for the record. */
export interface RequestContext {
  readonly principal: Principal;
  readonly requestId: string;
  readonly ip: string | null;
}

// ---- Configuration documents ---------------------------------------------------------------

export type ConfigKind = 'provider' | 'service' | 'rule' | 'freeze' | 'github';

/** The key of a configuration document: rules belong to a service, the others stand alone (`owner` is ''). */
export interface ConfigKey {
  readonly kind: ConfigKind;
  readonly owner: string;
  readonly name: string;
}

export interface ConfigRow<T = unknown> extends ConfigKey {
  readonly document: T;
  /** Strong ETag without quotes: the SHA-256 of the canonical document, hex. */
  readonly etag: string;
  readonly updatedAt: string;
}

// ---- Reading the state a decision needs -----------------------------------------------------

/** One consistent read. Everything a decision depends on, and the revisions that must still hold when it is recorded. */
export interface GateState {
  /** The database's clock, RFC 3339 UTC with milliseconds. */
  readonly now: string;
  readonly service: ServiceDocument | null;
  readonly rules: readonly { readonly name: string; readonly rule: RuleDocument }[];
  readonly providers: readonly { readonly name: string; readonly provider: ProviderDocument }[];
  readonly rollout: Rollout;
  /** All of them, by name. */
  readonly freezes: readonly { readonly name: string; readonly document: FreezeDocument }[];
  /** Those that stand and are about this version, its service or everything; the oldest first. */
  readonly controls: readonly ControlRow[];
  /** Those who have asked for this version since it was last cleared, the first one first. */
  readonly askers: readonly Asker[];
  readonly revisions: Revisions & { readonly history: number };
}

/**
 * Revision numbers by scope: `global`, `service/<name>`, `asked/<id>`. A scope never written has revision 0. They mean
 * something within one history of the database only, whose random number stands beside them as `history`; 0 is none.
 */
export type Revisions = Readonly<Record<string, number>>;

// ---- Writing: one way only ------------------------------------------------------------------

/**
 * The one way anything is written: a record together with the state it changes, in one transaction
 * (law 4). Nothing can be changed without an entry, because there is no other door.
 */
export interface Commit {
  readonly entry: NewEntry;
  /** What was found on the way to it and has a record of its own: recorded before it, or not at all. */
  readonly also?: readonly NewEntry[];
  /** Scopes whose revision must still be this; another number means `state-changed` and nothing written. */
  readonly expects: Revisions;
  /** Scopes whose revision this commit raises by one. */
  readonly raises: readonly string[];
  readonly writes: readonly Write[];
}

export type Write =
  | { readonly kind: 'put-config'; readonly key: ConfigKey; readonly document: unknown; readonly etag: string }
  | { readonly kind: 'delete-config'; readonly key: ConfigKey }
  /** Whole rows, by primary key (service, version, ring, n). */
  | { readonly kind: 'put-life'; readonly service: string; readonly life: Life }
  /** Ends every lease that stands at its instant, after the lives of the same transaction; null means every service, every version. */
  | {
      readonly kind: 'recall-leases';
      readonly recall: Recall;
      readonly service: string | null;
      readonly version: string | null;
    }
  /** Whole rows, by primary key (service, version). */
  | { readonly kind: 'put-release'; readonly service: string; readonly release: ReleaseState }
  | { readonly kind: 'put-control'; readonly control: ControlRow }
  /** Whole rows, by release and person. */
  | ({ readonly kind: 'put-asker'; readonly asker: Asker } & Release)
  | ({ readonly kind: 'delete-asker'; readonly asker: Asker } & Release)
  /** From then on nobody has asked for the release; before what the same transaction puts. */
  | ({ readonly kind: 'clear-askers' } & Release)
  | { readonly kind: 'put-token'; readonly token: StoredToken }
  | { readonly kind: 'put-github'; readonly request: GithubRequest }
  /** Takes the place of what was answered under the same key before. */
  | { readonly kind: 'put-asked'; readonly asked: Asked };

/** What was answered under an Idempotency-Key. Its scope is `asked/<id>`. */
export interface Asked {
  /** SHA-256 of caller and key, hex. */
  readonly id: string;
  /** SHA-256 of everything in the question that decides, hex. */
  readonly fingerprint: string;
  readonly decision: string;
}

/** What is recorded once and for all. */
export interface Recorded {
  /** UUID v7. For decisions also the decision's id. */
  readonly id: string;
  /** Canonical JSON (RFC 8785), exactly the bytes that are hashed. */
  readonly body: string;
  /** SHA-256(0x00 ‖ body), hex (RFC 6962 leaf). */
  readonly leafHash: string;
}

export interface NewEntry extends Recorded {
  /** The key of the person behind it (domain/person.ts), by which it is found; null where nobody is named. */
  readonly person: string | null;
}

export type CommitOutcome = 'recorded' | 'state-changed';

export interface Entry extends Recorded {
  readonly recordedAt: string;
}

export interface EntryFilter {
  readonly kind?: string;
  readonly service?: string;
  readonly release?: string;
  readonly ring?: string;
  readonly verdict?: string;
  readonly cause?: string;
  /** The id of a token, the name of tokens as people are known, `anonymous` or `system`. */
  readonly caller?: string;
  /** The name of a person, however it is written. */
  readonly actor?: string;
  readonly from?: string;
  readonly to?: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

export interface PageRequest {
  readonly limit: number;
  readonly cursor: string | null;
}

export interface StoredToken {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly changes: readonly string[];
  /** SHA-256 of the token, hex. */
  readonly hash: string;
  readonly createdAt: string;
  readonly expiresAt: string;
}

/** A token together with the store's clock at the look-up, by which its expiry is judged. */
export interface FoundToken extends StoredToken {
  readonly now: string;
}

/** What the use cases need from storage. Every method rejects with GateError('unavailable') when the store does not answer. */
export interface Store extends GithubQueue {
  now(): Promise<string>;
  /** One statement, one snapshot. `rollout` holds every life that can matter to `version` (see storage/rollouts.ts). */
  gateState(service: string, version: string): Promise<GateState>;
  /** The present numbers of the scopes, for those who wait for a change. */
  revisions(scopes: readonly string[]): Promise<Revisions>;
  /** Resolves once the transaction is durable. Concurrent calls share one transaction (group commit). */
  append(commit: Commit): Promise<CommitOutcome>;

  config(key: ConfigKey): Promise<{ readonly row: ConfigRow | null; readonly revisions: Revisions }>;
  configs(kind: ConfigKind, owner: string | null, page: PageRequest): Promise<Page<ConfigRow>>;

  control(kind: ControlKind, id: string): Promise<{ readonly row: ControlRow; readonly revisions: Revisions } | null>;
  /** Newest first. */
  controls(filter: ControlFilter, page: PageRequest): Promise<Page<ControlRow>>;

  asked(id: string): Promise<{ readonly row: Asked | null; readonly revisions: Revisions }>;

  /** The instant of the newest decision about the release that somebody else than the gate has asked for, no dry run; null if there is none. */
  lastAsked(release: string): Promise<string | null>;

  entry(id: string): Promise<Entry | null>;
  /** Newest first. */
  entries(filter: EntryFilter, page: PageRequest): Promise<Page<Entry>>;

  /** All lives of one service, or of one release of it; by the instant they began. */
  lives(service: string, version: string | null): Promise<readonly Life[]>;
  releases(
    service: string | null,
    page: PageRequest,
  ): Promise<Page<{ readonly service: string; readonly release: ReleaseState }>>;
  release(service: string, version: string): Promise<ReleaseState | null>;

  token(hash: string): Promise<FoundToken | null>;
  anyToken(): Promise<boolean>;
  tokens(): Promise<readonly StoredToken[]>;

  /** True when a write would succeed: reachable, migrated, durable. The reason when not. */
  ready(): Promise<{ readonly ready: true } | { readonly ready: false; readonly reason: string }>;
  close(): Promise<void>;
}

// ---- The rest -------------------------------------------------------------------------------

/** Everything a use case may reach, handed in once by the composition root. */
export interface Ports {
  readonly store: Store;
  readonly providers: MetricProviders;
  readonly github: GithubApi;
  readonly inspector: ProviderInspector;
  readonly events: Events;
  readonly runtime: Runtime;
  readonly desk: Desk;
  /** What the calendar makes of a freeze; pure, however it comes by it. */
  readonly windowsAt: WindowsAt;
  /** Names this deployment of the gate in its record. */
  readonly origin: string;
  /** ringgate's own version. */
  readonly gateVersion: string;
  /** True on a loopback address: as long as no token exists, callers may be anonymous. */
  readonly anonymousAllowed: boolean;
}
