/** The closed list of causes, by the verdict they stand for. `rolled-back-earlier` is in two lists on purpose. */
export const CAUSES = {
  promote: [
    'open',
    'not-applicable',
    'first-ring',
    'baked',
    'proven',
    'approved',
    'objective-met',
    'budget-left',
    'no-regression',
    'tolerated',
  ],
  hold: [
    'frozen',
    'outside-allowed-window',
    'halted',
    'previous-ring-missing',
    'baking',
    'ring-occupied',
    'superseded',
    'approval-missing',
    'artifact-changed',
    'artifact-missing',
    'objective-at-risk',
    'objective-breached',
    'burning',
    'budget-exhausted',
    'nothing-measured',
    'no-data',
    'stale-data',
    'not-a-number',
    'too-few-events',
    'too-many-series',
    'partial-data',
    'insufficient-evidence',
    'provider-unavailable',
    'query-rejected',
    'deadline-exceeded',
    'invalid-rule',
    'state-changed',
    'gate-unavailable',
    'rolled-back-earlier',
  ],
  rollback: ['objective-breached', 'burning-fast', 'regression', 'deployment-failed', 'rolled-back-earlier'],
} as const;

export type Verdict = keyof typeof CAUSES;
export type Cause = (typeof CAUSES)[Verdict][number];

const RANK: Record<Verdict, number> = { promote: 0, hold: 1, rollback: 2 };

/** The worst of some verdicts. Of none it is hold: nothing known is never promote. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.length === 0) return 'hold';
  return verdicts.reduce((a, b) => (RANK[b] > RANK[a] ? b : a));
}
