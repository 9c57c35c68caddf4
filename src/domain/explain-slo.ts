import { durationMs, roughDuration } from './duration.ts';
import type { Evidence, Finding, Words } from './finding.ts';
import { msOf } from './instant.ts';
import { percent, round } from './number-words.ts';
import type { SloWindow } from './slo-period.ts';

interface Pair {
  readonly long: string;
  readonly short: string;
  readonly factor: string;
  readonly burnLong: string | null;
  readonly burnShort: string | null;
  readonly fires: boolean;
}

interface BudgetEvidence {
  readonly remaining: string;
  readonly exhaustedAt: string | null;
  readonly presentBurn: string | null;
  readonly recoversAt: string | null;
  readonly holdBelow: string;
  readonly exempt: readonly string[];
}

/** Words for what a rule says in terms of its objective, as one says it on the phone at night. */
export function explainSlo(finding: Finding, where: string): Words {
  const { cause, evidence: e, rule = '' } = finding;
  switch (cause) {
    case 'budget-exhausted':
      return { because: `${rule}: ${budgetSentence(e)}.`, needs: budgetNeeds(finding) };
    case 'budget-left':
      return { because: `${rule}: ${budgetSentence(e)}${burnClause(e)}.` };
    case 'tolerated':
      return { because: `${rule}: ${budgetSentence(e)}; tolerated for the change class ${e.exempt}.` };
    case 'objective-met':
      return { because: `${rule}: ${burnSentence(e, where)}.` };
    default:
      return burningWords(finding, where);
  }
}

/** True when the finding speaks of burn rates, and not of a share and its limits. */
export function isAboutBurning({ cause, evidence }: Finding): boolean {
  if (cause === 'burning' || cause === 'burning-fast') return true;
  return evidence.limits === undefined && Array.isArray(evidence.burnRates);
}

function burningWords({ cause, evidence: e, rule = '' }: Finding, where: string): Words {
  const also = Array.isArray(e.also) && e.also.includes('budget-exhausted') ? ` Also, ${budgetSentence(e)}.` : '';
  const because = `${rule}: ${burnSentence(e, where)}${outlook(e)}.${also}`;
  if (cause === 'burning-fast') return { because };
  const pair = worstPair(e);
  if (e.settled === true) {
    return { because, needs: 'The release has settled, so it is not rolled back; find out what has changed since.' };
  }
  return { because, needs: `Errors have to stop; after that it clears within ${pair?.short ?? 'the short window'}.` };
}

/** What a silent short window leaves open. */
export function silentWords({ evidence: e, rule = '' }: Finding, where: string): Words {
  const pair = e.pair as { long: string; short: string };
  const burnt = pairsOf(e).find(({ burnShort }) => burnShort === null) ?? worstPair(e);
  return {
    because: `${rule}: errors came at ${round(burnt?.burnLong ?? '?')} times the sustainable rate over ${pair.long}${where}, and nothing at all was seen within ${e.window}, so nobody can tell whether it is over.`,
    needs: `Some traffic within ${e.window}, real or sent for a test; or else the errors have to leave the ${pair.long} window.`,
  };
}

/** How fast the budget burns, by the pair that says most. */
export function burnSentence(e: Evidence, where: string): string {
  const pair = worstPair(e);
  if (pair === undefined) return 'no burn rate is known';
  const short =
    pair.burnShort === null
      ? `, nothing was seen within ${pair.short}`
      : ` (${round(pair.burnShort)} over ${pair.short})`;
  return `errors come at ${round(pair.burnLong ?? '?')} times the sustainable rate over ${pair.long}${short}${where}; the limit is ${round(pair.factor)}`;
}

function burnClause(e: Evidence): string {
  const pair = worstPair(e);
  return pair === undefined
    ? ''
    : `; errors come at ${round(pair.burnLong ?? '?')} times the sustainable rate over ${pair.long}`;
}

/** How long the budget lasts: what is left of it where that is known, else a whole one. */
function outlook(e: Evidence): string {
  const { window } = e.objective as { window: SloWindow };
  const budget = e.budget as BudgetEvidence | undefined;
  if (budget !== undefined) {
    if (Number(budget.remaining) <= 0) return `, and the ${budgetName(window)} is spent already`;
    if (budget.exhaustedAt === null) return '';
    return `; the ${budgetName(window)} is gone in about ${roughDuration(msOf(budget.exhaustedAt) - msOf(String(e.at)))}`;
  }
  const burn = Number(worstPair(e)?.burnLong);
  if (typeof window !== 'string' || !(burn > 0)) return '';
  return `; that spends a whole ${budgetName(window)} in about ${roughDuration(durationMs(window) / burn)}`;
}

function budgetSentence(e: Evidence): string {
  const { window } = e.objective as { window: SloWindow };
  const { remaining, holdBelow } = e.budget as BudgetEvidence;
  if (Number(remaining) < 0) return `the ${budgetName(window)} is overspent by ${percent(-Number(remaining))}`;
  const short =
    Number(remaining) < Number(holdBelow) ? `, less than the ${percent(Number(holdBelow))} that must be` : '';
  return `${percent(Number(remaining))} of the ${budgetName(window)} is left${short}`;
}

function budgetNeeds({ evidence: e }: Finding): string {
  const { window } = e.objective as { window: SloWindow };
  const { exempt } = e.budget as BudgetEvidence;
  const pass = exempt.length === 0 ? '' : ` Changes of class ${exempt.join(' and ')} pass all the same.`;
  return `${recovery(e, window)}${pass}`;
}

/** When enough is left again, or what has to happen first. */
function recovery(e: Evidence, window: SloWindow): string {
  const { presentBurn, recoversAt } = e.budget as BudgetEvidence;
  if (recoversAt !== null) {
    const wait = roughDuration(msOf(recoversAt) - msOf(String(e.at)));
    const guess = typeof window === 'string' ? ' as old errors leave the window, if they are spread evenly in it' : '';
    return `Enough is left again in about ${wait} at the present rate${guess}.`;
  }
  if (typeof window !== 'string') return 'Enough is left again when the next one begins.';
  if (presentBurn === null)
    return `Old errors have to leave the last ${window}; counts alone cannot tell when they do.`;
  return `At the present rate, ${round(presentBurn)} times the sustainable one, it does not recover: errors have to become fewer.`;
}

function budgetName(window: SloWindow): string {
  return typeof window === 'string' ? `${window} budget` : `budget of this ${window.calendar}`;
}

function pairsOf(e: Evidence): readonly Pair[] {
  return (e.burnRates as readonly Pair[] | undefined) ?? [];
}

/** The pair that fires, or is nearest to. */
function worstPair(e: Evidence): Pair | undefined {
  const nearness = ({ burnLong, factor }: Pair) => Number(burnLong ?? -1) / Number(factor);
  const pairs = pairsOf(e);
  const firing = pairs.filter((pair) => pair.fires);
  return (firing.length > 0 ? firing : pairs).reduce<Pair | undefined>(
    (a, b) => (a === undefined || nearness(b) > nearness(a) ? b : a),
    undefined,
  );
}
