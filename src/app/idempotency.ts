import { canonicalJson, sha256Hex } from '../domain/audit/canonical.ts';
import { GateError } from '../domain/errors.ts';
import { formatRelease } from '../domain/release.ts';
import { readDecision } from './audit.ts';
import type { Ask } from './decide.ts';
import { type DecisionBody, documentFromBody } from './decision-record.ts';
import type { DecisionDocument } from './documents.ts';
import type { Commit, Ports, Principal, Revisions } from './ports.ts';
import { standingOf } from './validity.ts';

/**
 * A repeated request gets the answer that it got before, but never one that no longer holds: a
 * promote or rollback is given again only while it would be decided again. Otherwise it is decided
 * anew and says which decision it follows. Holds are not remembered.
 */
export interface AskKey {
  /** SHA-256 of caller and key: two callers with the same key do not meet. */
  readonly id: string;
  readonly fingerprint: string;
}

/** What was found under a key. */
export interface Remembered {
  /** The earlier answer, where it still stands. */
  readonly replay: DecisionDocument | null;
  /** The earlier decision, whether it stands or not. */
  readonly decision: string | null;
  /** What must still hold when something else is remembered. */
  readonly revisions: Revisions;
}

/** The key of one caller for one question. How long and in which view it is answered is no part of the question. */
export function askKey({ kind, id }: Principal, key: string, ask: Ask): AskKey {
  const { deadlineMs: _deadline, waitMs: _wait, running, release, ...rest } = ask;
  const claim = running === undefined ? {} : { running: true };
  return {
    id: sha256Hex(canonicalJson([kind, id, key])),
    fingerprint: sha256Hex(canonicalJson({ ...rest, ...claim, release: formatRelease(release) })),
  };
}

/** @throws GateError `idempotency-mismatch` when the key was used for another question. */
export async function remember(
  ports: Pick<Ports, 'store' | 'windowsAt'>,
  { id, fingerprint }: AskKey,
): Promise<Remembered> {
  const { row, revisions } = await ports.store.asked(id);
  if (row === null) return { replay: null, decision: null, revisions };
  if (row.fingerprint !== fingerprint) {
    const advice = 'use another key, or send the parameters that it was first used with';
    throw new GateError('idempotency-mismatch', `This Idempotency-Key was used for another question; ${advice}.`);
  }
  const entry = await ports.store.entry(row.decision);
  if (entry === null) return { replay: null, decision: row.decision, revisions };
  const body = readDecision(entry);
  const { stands } = await standingOf(ports, body);
  return { replay: stands ? documentFromBody(body, entry) : null, decision: row.decision, revisions };
}

/** The commit, so that it is remembered under the key, unless somebody else has remembered something meanwhile. */
export function remembering(commit: Commit, body: DecisionBody, key: AskKey, { revisions }: Remembered): Commit {
  if (body.verdict === 'hold' || body.facts.question.dryRun) return commit;
  return {
    ...commit,
    expects: { ...commit.expects, ...revisions },
    raises: [...commit.raises, ...Object.keys(revisions)],
    writes: [...commit.writes, { kind: 'put-asked', asked: { ...key, decision: body.id } }],
  };
}
