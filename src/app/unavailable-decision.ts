import type { ExplainedFinding } from '../domain/finding.ts';
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
  const { release, actor, build, ring, stage, change, artifact, dryRun } = ask;
  const principal = context?.principal;
  return {
    ...{ id: ports.runtime.newId(), release: formatRelease(release), ...release },
    ...{ ring, stage, change, artifact, dryRun },
    ...{ enforced: true, verdict: 'hold', advised: null, summary: because, findings: [finding(because)] },
    ...{ decidedAt: ports.runtime.wallClock(), validUntil: null, retryAfterSeconds: 5, earliestPromoteAt: null },
    ...{ live: [], rollback: null, policyVersion: '', actor, build, follows: null, audit: null },
    caller: { kind: principal?.kind ?? 'unknown', id: principal?.id ?? null },
  };
}

function finding(because: string): ExplainedFinding {
  const subject = { check: 'state', verdict: 'hold', countedAs: 'hold', cause: 'gate-unavailable' } as const;
  return {
    ...subject,
    because: `${because}.`,
    evidence: {},
    clears: 'by-data',
    needs: 'Ask again in a few seconds.',
  };
}
