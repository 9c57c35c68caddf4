import type { GithubQuestion } from '../domain/github-request.ts';
import type { GithubEnvironment } from '../domain/github-target.ts';
import type { Revisions } from './ports.ts';
import type { SecretReference } from './provider-document.ts';

/** Configuration: a GitHub App whose deployment protection rule this gate is. */
export interface GithubAppDocument {
  /** Base of GitHub's REST API; api.github.com by default. */
  readonly url?: string;
  /** The App's id or client id. */
  readonly appId: string;
  /** PEM, as GitHub hands it out. */
  readonly privateKey: SecretReference;
  readonly webhookSecret: SecretReference;
  readonly environments: readonly GithubEnvironment[];
}

/** A deployment that waits for an answer, and how far that is. */
export interface GithubRequest extends GithubQuestion {
  /** SHA-256 of the app's name and the signed bytes, hex: what was signed is one request, however often it is sent. */
  readonly id: string;
  readonly app: string;
  /** GitHub's id of the delivery that came first; to find it there. */
  readonly delivery: string;
  readonly receivedAt: string;
  /** When it is looked at again. */
  readonly dueAt: string;
  /** Attempts in a row that failed. */
  readonly failures: number;
  /** Comments that GitHub has taken, of the ten that it takes. */
  readonly reports: number;
  /** The causes that the last comment was about; '' before the first. */
  readonly reported: string;
  readonly endedAt: string | null;
}

/** One that this replica works on until its `dueAt`; the revisions must still hold when something is recorded. */
export interface ClaimedGithub {
  readonly request: GithubRequest;
  readonly revisions: Revisions;
}

export interface GithubQueue {
  /**
   * The requests that are due, the longest waiting first, each to one caller only: their `dueAt` is moved to
   * `until`. That is no record: it says only who works on it.
   */
  claimGithub(claim: {
    readonly now: string;
    readonly until: string;
    readonly limit: number;
  }): Promise<readonly ClaimedGithub[]>;
  /** When one that has not ended is looked at again. */
  postponeGithub(id: string, next: { readonly dueAt: string; readonly failures: number }): Promise<void>;
}

/** What GitHub is told. Without a state it is a status report. */
export interface GithubReview {
  readonly state: 'approved' | 'rejected' | null;
  /** At most 1,024 characters. */
  readonly comment: string;
}

export interface GithubFailure {
  readonly kind: 'failed';
  /** Null when there was no answer. */
  readonly status: number | null;
  /** For the log and the record; never holds a secret or what the other side wrote. */
  readonly detail: string;
  /** How long the other side wants to be left alone; 0 when it did not say. */
  readonly pauseMs: number;
}

export interface FoundTag {
  readonly kind: 'found';
  /** Where it is; null when the repository has no such tag. */
  readonly commit: string | null;
}

export interface GithubSession {
  readonly kind: 'session';
  /** Where the tag of that name is in the repository of the request. */
  findTag(request: GithubRequest, name: string): Promise<FoundTag | GithubFailure>;
  review(request: GithubRequest, review: GithubReview): Promise<{ readonly kind: 'taken' } | GithubFailure>;
}

/** GitHub's REST API. Nothing here ever rejects but `webhookSecret`. */
export interface GithubApi {
  /** Signs in as the installation of the app. */
  connect(app: GithubAppDocument, installation: number): Promise<GithubSession | GithubFailure>;
  webhookSecret(app: GithubAppDocument): Promise<string>;
}
