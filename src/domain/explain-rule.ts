import { roughDuration } from './duration.ts';
import { explainTerm, explainUncounted, isAboutTerm } from './explain-absence.ts';
import { whereCounted } from './explain-attribution.ts';
import { recentUnreadWords } from './explain-recent.ts';
import { burnSentence, explainSlo, isAboutBurning, silentWords } from './explain-slo.ts';
import type { Evidence, Finding, Words } from './finding.ts';
import { percent, round } from './number-words.ts';
import { parseRelease } from './release.ts';

/** What became of a question, after the provider's name. */
export const UNAVAILABLE: Record<string, string> = {
  connection: 'cannot be reached',
  'address-refused': 'has an address that ringgate does not call',
  redirect: 'answered with a redirect, which is never followed',
  unauthorized: 'refused our credential',
  'rate-limited': 'is limiting our rate',
  'server-error': 'answered with an error of its own',
  'not-json': 'answered with something that is not JSON',
  'unexpected-answer': 'gave an answer of an unknown shape',
  'too-large': 'gave an answer that is too large',
  'clock-skew': 'has a clock that is too far from ours',
  'circuit-open': 'is not asked for a moment because it failed several times in a row',
  overloaded: 'has too many questions waiting for it',
  misconfigured: 'is not configured so that it can be asked',
  'not-asked': 'was not asked',
};

const OBSTACLES: Record<string, string> = {
  'service-wide': 'a service-wide rule does not speak of one release',
  'not-attributable': 'the release is not the only one that entered the ring within the window',
  'few-bad-events': 'there are too few bad events',
  'reaches-back': 'the query looks back to before the release was there',
  'not-lasting': 'the breach has not lasted long enough',
  over: 'it is over: the last minutes by themselves are within the limit',
  absent: 'the share is that large only because good or all events are partly absent',
  unread: 'the last minutes by themselves cannot be read',
};

/** Words for a rule's finding. `ring` is where it was measured, or what a service-wide rule guards. */
export function explainRule(finding: Finding, release: string, ring: string | undefined): Words {
  const { cause, evidence: e, rule = '' } = finding;
  const where = ring === undefined || e.scope === 'service' ? '' : whereCounted(e, ring);
  switch (cause) {
    case 'not-applicable':
      if (e.scope === 'service') return { because: `${rule} measures the whole service and has no say in this.` };
      return { because: `${rule} has nothing to measure for ${release} yet.` };
    case 'burning':
      return noRollback(explainSlo(finding, where), e);
    case 'burning-fast':
    case 'budget-exhausted':
    case 'budget-left':
      return explainSlo(finding, where);
    case 'tolerated':
      return e.tolerated === 'budget' ? explainSlo(finding, where) : toleratedWords(finding, where);
    case 'objective-met':
      if (isAboutBurning(finding)) return explainSlo(finding, where);
      return { because: `${rule}: ${measured(e)}${where}${limitText(e, 'hold') || limitText(e, 'rollback')}.` };
    case 'objective-at-risk':
    case 'objective-breached':
      return isAboutBurning(finding) ? explainSlo(finding, where) : breachWords(finding, where);
    case 'insufficient-evidence':
      return e.reason === 'recent-unread'
        ? recentUnreadWords(finding, `${rule}: ${harmSeen(finding, where)}`)
        : explainUncounted(finding, uncountedSubject(finding, where));
    case 'too-few-events':
      return tooFewWords(finding, where);
    case 'invalid-rule':
      return broken(release, rule, `${rule} cannot be judged${where}: ${invalidReason(e)}.`);
    case 'query-rejected':
      return broken(release, rule, `The provider ${e.provider} refused the ${e.part} query of ${rule}: ${e.detail}.`);
    case 'too-many-series':
      return broken(release, rule, `The ${e.part} query of ${rule} gave ${e.series} series${where}; it must give one.`);
    default:
      return unknownWords(finding, release, where);
  }
}

function unknownWords(finding: Finding, release: string, where: string): Words {
  if (finding.evidence.reason === 'silent-short-window') return silentWords(finding, where);
  if (isAboutTerm(finding)) return explainTerm(finding, release, where);
  const because = unknownSentence(finding, release, where);
  if (finding.clears !== 'by-person') return { because, needs: missingData(finding, release, where) };
  const { provider } = finding.evidence;
  return {
    because,
    needs: `Mend the provider ${provider}.`,
    action: { who: 'admin', do: `PUT /providers/${provider}` },
  };
}

function missingData({ cause, evidence: e, rule = '' }: Finding, release: string, where: string): string {
  switch (cause) {
    case 'no-data':
      if (e.reason === 'nothing-yet') return `Events of ${release}${where}.`;
      return 'Traffic, real or sent for a test; if there is some, the query does not find it (see preview).';
    case 'stale-data':
      return `A sample that is no older than ${e.maxAge}.`;
    case 'not-a-number':
      return `A number from the ${e.part} query of ${rule}.`;
    case 'partial-data':
      return `A complete answer from the provider ${e.provider}.`;
    default:
      return `An answer from the provider ${e.provider}.`;
  }
}

function unknownSentence({ cause, evidence: e, rule = '' }: Finding, release: string, where: string): string {
  switch (cause) {
    case 'no-data':
      if (e.reason === 'nothing-yet') return `${rule}: ${release} has only just arrived${where}.`;
      if (e.reason === 'zero')
        return `${rule} saw no events of ${subject(e, release)}${where}${within(e)}; that is not the same as no errors.`;
      return `${rule} has no ${e.part} data${where}${within(e)}; that is not the same as no errors.`;
    case 'stale-data':
      return e.age === null
        ? `The data behind ${rule} is older than ${e.maxAge}${where}.`
        : `The newest data behind ${rule} is ${e.age} s old${where}; ${e.maxAge} is allowed.`;
    case 'not-a-number':
      return `The ${e.part} query of ${rule} gave ${e.value}${where}.`;
    case 'partial-data':
      return `The provider ${e.provider} says itself that its answer for ${rule} may be incomplete${where}.`;
    case 'deadline-exceeded':
      return `The provider ${e.provider} did not answer ${rule} in time${where}.`;
    default:
      return `The provider ${e.provider} ${UNAVAILABLE[String(e.reason)] ?? 'is unavailable'}${where}.`;
  }
}

function breachWords({ cause, evidence: e, rule = '', clears }: Finding, where: string): Words {
  const obstacles = Array.isArray(e.obstacles) ? (e.obstacles as string[]) : null;
  const limit = limitText(e, obstacles === null ? 'hold' : 'rollback');
  const because = `${rule}: ${measured(e)}${where}${limit}.`;
  if (cause === 'objective-breached' && e.settled === true) {
    return { because, needs: 'The release has settled, so it is not rolled back; find out what has changed since.' };
  }
  if (clears === undefined) return { because };
  if (obstacles !== null && obstacles.length > 0) return noRollback({ because }, e);
  return { because, needs: `${rule} back within its limit.` };
}

function harmSeen(finding: Finding, where: string): string {
  const { evidence: e } = finding;
  return isAboutBurning(finding) ? burnSentence(e, where) : `${measured(e)}${where}${limitText(e, 'rollback')}`;
}

/** What stands between a breach and a rollback, where something does, before what is needed anyway. */
function noRollback(words: Words, { obstacles }: Evidence): Words {
  if (!Array.isArray(obstacles) || obstacles.length === 0) return words;
  const reasons = (obstacles as string[]).map((obstacle) => OBSTACLES[obstacle] ?? obstacle).join(' and ');
  const needs = words.needs === undefined ? '' : ` ${words.needs}`;
  return { ...words, needs: `No rollback, because ${reasons}.${needs}` };
}

function tooFewWords({ evidence: e, rule = '' }: Finding, where: string): Words {
  const because = `${rule}: ${seenOf(e)}${where}.`;
  const until = e.tolerableAt === undefined ? '' : ` Or nothing bad until ${e.tolerableAt}: then it is let pass.`;
  if (e.reachable === false) {
    const never = `${e.missing} more ${nounOf(e)}; at the present rate the window never holds enough: ${choices(e)}.`;
    return { because, needs: `${never}${until}` };
  }
  const wait = roughDuration(Number(e.waitSeconds) * 1000);
  return { because, needs: `${e.missing} more ${nounOf(e)}, about ${wait} at the present rate.${until}` };
}

function seenOf(e: Evidence): string {
  const { window, total } = (e.counted as { window: string; total: string } | undefined) ?? windowOf(e);
  return `${round(total)} of the ${e.minEvents} ${nounOf(e)} needed have been seen within ${window}`;
}

/** What is counted. */
function nounOf(e: Evidence): string {
  const { slices } = (e.objective as { slices?: { window: string } } | undefined) ?? {};
  return slices === undefined ? 'events' : `slices of ${slices.window} with traffic`;
}

/** The ways out of having too little traffic. */
function choices({ scope, promoteAfter }: Evidence): string {
  const usual = 'lower minEvents, widen the window or send test traffic';
  if (scope === 'service' || promoteAfter !== undefined) return usual;
  return `${usual}, or let quiet rings pass (uncertain.promoteAfter, with allowUnmeasured in the plan)`;
}

function toleratedWords({ evidence: e, rule = '' }: Finding, where: string): Words {
  return {
    because: `${rule}: ${seenOf(e)}${where}, none of them bad; live since ${e.liveAt} and tolerated after ${e.promoteAfter}, but no evidence.`,
  };
}

function measured(e: Evidence): string {
  if (Array.isArray(e.values)) return valueWords(String(e.query), (e.values[0] as { value: string }).value);
  const { bad, total, window, ratio, uncounted, ratioAtWorst } = windowOf(e);
  const counted = `${round(bad)} of ${round(total)} events were bad within ${window}`;
  if (uncounted === undefined) return `${counted}, a share of ${percent(Number(ratio))}`;
  const share = percent(Number(ratioAtWorst));
  return `${counted}, and new series began with ${round(uncounted)} more, together a share of ${share}`;
}

/** What was measured, before what it leaves out is named. */
function uncountedSubject(finding: Finding, where: string): string {
  const { evidence: e, rule = '' } = finding;
  if (e.limits === undefined) return explainSlo(finding, where).because.replace(/\.$/, '');
  const { bad, total, window } = windowOf(e);
  const limit = limitText(e, 'hold') || limitText(e, 'rollback');
  return `${rule}: ${round(bad)} of ${round(total)} events were bad within ${window}${where}${limit}`;
}

/** A monitor's state is a number only for the limits. */
function valueWords(query: string, value: string): string {
  if (!query.startsWith('/api/v1/monitor/')) return `the value is ${value}`;
  return `the monitor says ${['OK', 'Warn', 'Alert'][Number(value)] ?? value} (${value})`;
}

function limitText(e: Evidence, which: 'hold' | 'rollback'): string {
  const bound = (e.limits as Record<string, { above?: string; below?: string }>)[which] ?? {};
  if (bound.above === undefined && bound.below === undefined) return '';
  const sides = [
    bound.above === undefined ? '' : `above ${bound.above}`,
    bound.below === undefined ? '' : `below ${bound.below}`,
  ];
  return ` (${which} ${sides.filter((side) => side !== '').join(' or ')})`;
}

interface WindowRow {
  readonly window: string;
  readonly bad: string;
  readonly total: string;
  readonly ratio: string;
  /** Only where some may be bad that no count shows. */
  readonly uncounted?: string;
  readonly ratioAtWorst?: string;
}

function windowOf(e: Evidence): WindowRow {
  return (
    (e.windows as readonly WindowRow[])[0] ?? {
      window: roughDuration(0),
      bad: '?',
      total: '?',
      ratio: '?',
    }
  );
}

function subject(e: Evidence, release: string): string {
  return e.scope === 'service' ? 'the service' : release;
}

function within(e: Evidence): string {
  return typeof e.window === 'string' ? ` within ${e.window}` : '';
}

function invalidReason(e: Evidence): string {
  return e.reason === 'not-a-share' ? 'bad and total do not count the same events' : String(e.detail);
}

function broken(release: string, rule: string, because: string): Words {
  const call = `PUT /services/${parseRelease(release)?.service ?? ''}/rules/${rule}`;
  return { because, needs: `Mend the rule ${rule}.`, action: { who: 'configurator', do: call } };
}
