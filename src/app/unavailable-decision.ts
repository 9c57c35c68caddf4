import { formatRelease } from '../domain/release.ts';
import type { Ask } from './decide.ts';
import type { DecisionDocument } from './documents.ts';
import type { Ports, RequestContext } from './ports.ts';

/**
 * The answer when nothing could be decided or recorded: a hold that says so. It has no record, and
 * it never changes anything. `context` is null when not even the caller could be told.
 */
export function unavailableDecision(
  ports: Pick<Ports, 'runtime'>,
  context: RequestContext | null,
  ask: Ask,
  because = 'The gate cannot decide now because its own store does not answer',
): DecisionDocument {
  const principal = context?.principal;
  return {
    id: ports.runtime.newId(),
    release: formatRelease(ask.release),
    service: ask.release.service,
    version: ask.release.version,
    ring: ask.ring,
    stage: ask.stage,
    change: ask.change,
    dryRun: ask.dryRun,
    enforced: true,
    verdict: 'hold',
    advised: null,
    summary: because,
    findings: [
      {
        check: 'state',
        verdict: 'hold',
        countedAs: 'hold',
        cause: 'gate-unavailable',
        because: `${because}.`,
        evidence: {},
        clears: 'by-data',
        needs: 'Ask again in a few seconds.',
      },
    ],
    decidedAt: ports.runtime.wallClock(),
    validUntil: null,
    retryAfterSeconds: 5,
    earliestPromoteAt: null,
    live: [],
    rollback: null,
    policyVersion: '',
    caller: { kind: principal?.kind ?? 'unknown', id: principal?.id ?? null },
    actor: ask.actor,
    build: ask.build,
    audit: null,
  };
}
