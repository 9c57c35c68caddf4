import { durationMs, parseDuration, roughDuration } from './duration.ts';
import { judgedOccupantWords } from './explain-occupant.ts';
import type { Action, Evidence, Finding, Words } from './finding.ts';
import { parseRelease } from './release.ts';

/** The words for what the lives of releases say: order, bake and occupancy. */
export function explainLife(finding: Finding, release: string): Words {
  if (finding.check === 'order') return orderWords(finding, release);
  return finding.check === 'bake' ? bakeWords(finding, release) : occupancyWords(finding, release);
}

/** What an operator does for a release that has to start again. */
export function clearing(release: string): Action {
  return { who: 'operator', do: `POST /releases/${release}/rollback/clear` };
}

/** What an operator does to let one question about a ring pass these checks. */
export function overriding(release: string, ring: string, checks: readonly string[]): Action {
  const body = `{"release":"${release}","rings":["${ring}"],"checks":${JSON.stringify(checks)},"reason":"…","expiresAt":"…"}`;
  return { who: 'operator', do: `POST /overrides ${body}` };
}

const MISSING: Record<string, (e: Evidence, release: string, ring: string) => string> = {
  'never-entered': (_, release, ring) => `${release} has not been let into ${ring}.`,
  'lease-ended': (e, release, ring) =>
    `The promise to let ${release} into ${ring} ended at ${e.until} without a deployment.`,
  lapsed: (e, release, ring) =>
    `The promise to let ${release} into ${ring} ended at ${e.until}, and no deployment has been reported.`,
  recalled: (e, release, ring) =>
    `A halt${inBrackets(e.reason)} ended the promise to let ${release} into ${ring} at ${e.until}, and no deployment has been reported.`,
  revoked: (e, release, ring) =>
    `${release} had to start again at ${e.until}, so its promise to enter ${ring} no longer counts.`,
  'not-assumed': (_, release, ring) =>
    `${release} was let into ${ring}, but a release that was let in or reported later runs there, so it is not taken for deployed.`,
  faded: (e, release, ring) =>
    `${release} had proven itself in ${ring}, but has run nowhere for too long (in ${ring} until ${e.until}), so the proof no longer counts.`,
  promised: (_, release, ring) => `${release} may enter ${ring} but has not been reported as deployed there.`,
  late: lateSentence,
  ungated: (e, release, ring) => `${release} runs in ${ring} since ${e.since}, but nobody asked the gate for it.`,
  restarted: (_, release, ring) =>
    `${release} has to start again at the first ring: what it proved in ${ring} no longer counts.`,
};

/** It gives both instants: when the promise ended, and when the deployment became known. */
function lateSentence(e: Evidence, release: string, ring: string): string {
  const ended =
    e.halt == null
      ? `the promise ${e.standing === true ? 'stands until' : 'ended at'} ${e.until}`
      : `a halt${inBrackets(e.reason)} ended the promise at ${e.until}`;
  const reported =
    e.reportedAt == null
      ? `it has been taken for deployed since ${e.since}`
      : `the deployment was reported at ${e.reportedAt}`;
  const began = e.startedAt == null ? '' : `, as begun at ${e.startedAt}`;
  return `${release} runs in ${ring}, but nothing shows that it began in time: ${ended}, ${reported}${began}.`;
}

function orderWords({ cause, evidence: e, ring = '' }: Finding, release: string): Words {
  if (cause === 'first-ring') return { because: `${ring} is a first ring: nothing has to come before it.` };
  if (cause === 'proven') return { because: `${release} has proven itself in ${ring}.` };
  if (cause === 'open') return { because: `${release} is live in ${ring} since ${e.since}.` };
  const state = String(e.state);
  const because = MISSING[state]?.(e, release, ring) ?? `${release} is no longer in ${ring}: ${state} at ${e.until}.`;
  switch (state) {
    case 'promised':
      return { because, needs: `Report the deployment to ${ring}.`, action: reporting(release, ring) };
    case 'lapsed':
    case 'recalled':
      return {
        because,
        needs: `Report the deployment to ${ring} and when it began.`,
        action: reportingStart(release, ring),
      };
    case 'late':
      return lateWords(e, because, release, ring);
    case 'superseded':
      return { because, needs: 'Start again.', action: clearing(release) };
    case 'ungated':
      return { because, needs: 'An operator has to adopt it.', action: adopting(release, ring) };
    default:
      return {
        because,
        needs: `Take ${release} through ${ring} first.`,
        action: { who: 'pipeline', do: `GET /gates/${release}/${ring}` },
      };
  }
}

function lateWords(e: Evidence, because: string, release: string, ring: string): Words {
  if (e.open !== true) return { because, needs: 'An operator has to adopt it.', action: adopting(release, ring) };
  const needs = 'The pipeline reports again with the time at which the deployment began, or an operator adopts it.';
  return { because, needs, action: reportingStart(release, ring) };
}

function bakeWords(finding: Finding, release: string): Words {
  const because = bakeSentence(finding, release);
  const { cause, clears, ring = '', evidence: e } = finding;
  if (cause !== 'baking') return { because };
  if (clears === 'by-data') return { because, needs: `The deployment to ${ring} has to be reported first.` };
  if (clears === 'by-person') {
    const needs = `Take ${release} through ${ring}; to skip the ring, override bake.`;
    return { because, needs, action: overriding(release, String(e.asked), ['bake']) };
  }
  const missing = durationMs(String(e.required)) - durationMs(String(e.served));
  return { because, needs: `${roughDuration(missing)} more in ${ring}.` };
}

function bakeSentence({ cause, clears, evidence: e, ring = '' }: Finding, release: string): string {
  if (cause === 'first-ring') return 'Nothing has to bake before a first ring.';
  if (cause === 'proven') return `${release} has proven itself in ${ring}.`;
  if (cause === 'not-applicable') return `${release} is not live in ${ring}, so nothing bakes there.`;
  if (clears !== undefined && clears !== 'by-time')
    return `${release} has baked nothing of its ${e.required} in ${ring}.`;
  const served = roughDuration(parseDuration(String(e.served)) ?? 0);
  return cause === 'baked' ? `${ring} has baked its ${e.required}.` : `${ring} has baked ${served} of ${e.required}.`;
}

function occupancyWords({ cause, evidence: e, ring = '' }: Finding, release: string): Words {
  if (cause === 'open') return { because: `No other release is proving itself in ${ring}.` };
  if (cause === 'not-applicable') return { because: 'Other releases do not keep this one waiting.' };
  const occupant = `${serviceOf(release)}@${e.occupant}`;
  if (cause === 'superseded') {
    return e.occupant === undefined ? supersededWords(e, release, ring) : overtakenWords(e, occupant, release, ring);
  }
  if (e.phase === 'ungated' || e.phase === 'late') {
    const why = e.phase === 'late' ? 'nothing shows that it began while it was let in' : 'nobody asked the gate for it';
    return {
      because: `${occupant} runs in ${ring} since ${e.since}, but ${why}.`,
      needs: `An operator has to adopt ${occupant}, or report it as abandoned.`,
      action: adopting(occupant, ring),
    };
  }
  if (e.exit !== undefined) return judgedOccupantWords(e, occupant, ring);
  const doing = e.phase === 'promised' ? 'has been promised the ring' : 'is proving itself there';
  return {
    because: `${ring} is taken: ${occupant} ${doing} since ${e.since}.`,
    needs: `${occupant} has to be proven there (ask exit), or be reported as rolled-back or abandoned.`,
  };
}

function supersededWords(e: Evidence, release: string, ring: string): Words {
  const by = e.by === null ? 'another release' : `${serviceOf(release)}@${e.by}`;
  return {
    because: `${release} was superseded in ${ring} by ${by} at ${e.at} before it had proven itself.`,
    needs: 'Go on with the newer release, or let an operator clear this one to start again.',
    action: clearing(release),
  };
}

function overtakenWords(e: Evidence, occupant: string, release: string, ring: string): Words {
  const came = e.back === true ? `it was put back there at ${e.letIn}` : `it was let into ${e.passedIn} at ${e.letIn}`;
  return {
    because: `${occupant} runs in ${ring} since ${e.since}; ${came}, later than ${release}.`,
    needs: `Go on with ${occupant}. Going back to ${release} is a report; to enter over ${occupant}, override occupancy.`,
    action: overriding(release, ring, ['occupancy']),
  };
}

function reporting(release: string, ring: string): Action {
  return { who: 'pipeline', do: `PUT /releases/${release}/rings/${ring} {"state":"deployed"}` };
}

function reportingStart(release: string, ring: string): Action {
  return { who: 'pipeline', do: `PUT /releases/${release}/rings/${ring} {"state":"deployed","startedAt":"…"}` };
}

function adopting(release: string, ring: string): Action {
  const call = `PUT /releases/${release}/rings/${ring} {"state":"deployed","ungated":true,"reason":"…"}`;
  return { who: 'operator', do: call };
}

function inBrackets(reason: unknown): string {
  return typeof reason === 'string' && reason !== '' ? ` (${reason})` : '';
}

function serviceOf(release: string): string {
  return parseRelease(release)?.service ?? release;
}
