import { type Opinion, perhapsBad } from './opinion.ts';
import type { Probe } from './probe.ts';
import type { Readings } from './reading.ts';
import type { Scene } from './scene.ts';
import { budgetState } from './slo-reading.ts';

/** What the budget says; null for a rule without one, or where it is not known. */
export function judgeBudget(scene: Scene, probe: Probe, readings: Readings): Opinion | null {
  const { budget } = probe.rule;
  const state = budgetState(probe, readings);
  if (budget === undefined || state === null) return null;
  if (state.remainingAtWorst >= budget.holdBelow) return { verdict: 'promote', cause: 'budget-left', evidence: {} };
  const { change } = scene.situation.question;
  if (budget.exempt?.includes(change)) {
    return { verdict: 'promote', cause: 'tolerated', evidence: { tolerated: 'budget', exempt: change } };
  }
  if (state.remaining >= budget.holdBelow) return perhapsBad(state.counts);
  const when = state.recoversAt === null ? {} : { clearsAt: state.recoversAt };
  return { verdict: 'hold', cause: 'budget-exhausted', clears: 'by-data', ...when, evidence: {} };
}
