import { durationMs, parseDuration, roughDuration } from './duration.ts';
import { sharedWords } from './explain-attribution.ts';
import { explainControl } from './explain-controls.ts';
import { explainRule } from './explain-rule.ts';
import type { Action, Evidence, ExplainedFinding, Finding, Words } from './finding.ts';
import { parseRelease } from './release.ts';

/**
 * The words for a finding: because, needs and action, from its cause and evidence alone. They are
 * not part of the record's bytes, so they may improve without making an old decision look altered.
 * `release` is `service@version`.
 */
export function explain(finding: Finding, release: string): ExplainedFinding {
  const words = wordsFor(finding, release);
  if (finding.waivedBy === undefined) return { ...finding, ...words };
  const because = `${words.because.replace(/\.$/, '')}; waived by override ${finding.waivedBy}.`;
  return { ...finding, because };
}

function wordsFor(finding: Finding, release: string): Words {
  const { evidence: e, ring } = finding;
  switch (finding.check) {
    case 'freeze':
    case 'halt':
    case 'approval':
      return explainControl(finding, release);
    case 'rollback':
      return rollbackWords(finding, release);
    case 'artifact':
      return artifactWords(finding, release);
    case 'order':
      return orderWords(finding, release);
    case 'bake':
      return bakeWords(finding, release);
    case 'occupancy':
      return occupancyWords(finding, release);
    case 'measured':
      return measuredWords(finding, release);
    case 'state':
      return {
        because: `What the decision rested on changed while it was taken (${e.attempts} attempts).`,
        needs: 'Ask again.',
      };
    case 'rule':
      return explainRule(finding, release, ring);
  }
}

function rollbackWords({ cause, verdict, evidence: e, ring }: Finding, release: string): Words {
  if (cause === 'deployment-failed') {
    return {
      because: `The deployment of ${release} to ${ring} was reported as failed at ${e.reportedAt}${reasonText(e)}.`,
      needs: `Put back what was in ${ring} and report ${release} as rolled-back there, or repeat the deployment and report it.`,
    };
  }
  if (cause === 'open') return { because: `No rollback mark stands against ${release}.` };
  const because = `${release} was marked for rollback at ${e.markedAt}${reasonText(e)}.`;
  if (verdict === 'rollback') return { because };
  return {
    because,
    needs: 'An operator has to clear the mark; then it starts again at the first ring.',
    action: clearing(release),
  };
}

function artifactWords({ cause, evidence: e }: Finding, release: string): Words {
  if (cause === 'not-applicable') return { because: 'No artifact was stated.' };
  if (cause === 'open') return { because: `The artifact is the one that ${release} began with.` };
  return {
    because: `${release} began with the artifact ${e.fixed}, but ${e.stated} was stated now.`,
    needs: 'Another build needs another version.',
    action: { who: 'pipeline', do: `release the artifact ${e.stated} under a version of its own` },
  };
}

const MISSING: Record<string, (e: Evidence, release: string, ring: string) => string> = {
  'never-entered': (_, release, ring) => `${release} has not been let into ${ring}.`,
  'lease-ended': (e, release, ring) =>
    `The promise to let ${release} into ${ring} ended at ${e.until} without a deployment.`,
  promised: (_, release, ring) => `${release} may enter ${ring} but has not been reported as deployed there.`,
  ungated: (e, release, ring) => `${release} runs in ${ring} since ${e.since}, but nobody asked the gate for it.`,
  restarted: (_, release, ring) =>
    `${release} has to start again at the first ring: what it proved in ${ring} no longer counts.`,
};

function orderWords({ cause, evidence: e, ring = '' }: Finding, release: string): Words {
  if (cause === 'first-ring') return { because: `${ring} is a first ring: nothing has to come before it.` };
  if (cause === 'proven') return { because: `${release} has proven itself in ${ring}.` };
  if (cause === 'open') return { because: `${release} is live in ${ring} since ${e.since}.` };
  const state = String(e.state);
  const because = MISSING[state]?.(e, release, ring) ?? `${release} is no longer in ${ring}: ${state} at ${e.until}.`;
  if (state === 'promised') return { because, needs: `Report the deployment to ${ring}.` };
  if (state === 'superseded') return { because, needs: 'Start again.', action: clearing(release) };
  if (state === 'ungated') {
    const call = `PUT /releases/${release}/rings/${ring} {"state":"deployed","ungated":true,"reason":"…"}`;
    return { because, needs: 'An operator has to adopt it.', action: { who: 'operator', do: call } };
  }
  return {
    because,
    needs: `Take ${release} through ${ring} first.`,
    action: { who: 'pipeline', do: `GET /gates/${release}/${ring}` },
  };
}

function bakeWords(finding: Finding, release: string): Words {
  const because = bakeSentence(finding, release);
  if (finding.cause !== 'baking') return { because };
  const { required, served } = finding.evidence;
  const missing = durationMs(String(required)) - durationMs(String(served));
  return { because, needs: `${roughDuration(missing)} more in ${finding.ring}.` };
}

function bakeSentence({ cause, evidence: e, ring = '' }: Finding, release: string): string {
  if (cause === 'first-ring') return 'Nothing has to bake before a first ring.';
  if (cause === 'proven') return `${release} has proven itself in ${ring}.`;
  if (cause === 'not-applicable') return `${release} is not live in ${ring}, so nothing bakes there.`;
  const served = roughDuration(parseDuration(String(e.served)) ?? 0);
  return cause === 'baked' ? `${ring} has baked its ${e.required}.` : `${ring} has baked ${served} of ${e.required}.`;
}

function occupancyWords({ cause, evidence: e, ring = '' }: Finding, release: string): Words {
  if (cause === 'open') return { because: `No other release is proving itself in ${ring}.` };
  if (cause === 'not-applicable') return { because: 'Other releases do not keep this one waiting.' };
  if (cause === 'superseded') {
    const by = e.by === null ? 'another release' : `${service(release)}@${e.by}`;
    return {
      because: `${release} was superseded in ${ring} by ${by} at ${e.at} before it had proven itself.`,
      needs: 'Go on with the newer release, or let an operator clear this one to start again.',
      action: clearing(release),
    };
  }
  const occupant = `${service(release)}@${e.occupant}`;
  if (e.phase === 'ungated') {
    const call = `PUT /releases/${occupant}/rings/${ring} {"state":"deployed","ungated":true,"reason":"…"}`;
    return {
      because: `${occupant} runs in ${ring} since ${e.since}, but nobody asked the gate for it.`,
      needs: `An operator has to adopt ${occupant}, or report it as abandoned.`,
      action: { who: 'operator', do: call },
    };
  }
  const doing = e.phase === 'promised' ? 'has been promised the ring' : 'is proving itself there';
  return {
    because: `${ring} is taken: ${occupant} ${doing} since ${e.since}.`,
    needs: `${occupant} has to be proven there (ask exit), or be reported as rolled-back or abandoned.`,
  };
}

function measuredWords(finding: Finding, release: string): Words {
  const { cause, evidence: e, ring = '' } = finding;
  if (cause === 'proven') return { because: `${release} has proven itself in ${ring}.` };
  if (cause === 'objective-met')
    return { because: `${(e.rules as string[]).join(', ')} measured ${release} in ${ring}.` };
  if (cause === 'not-applicable') {
    return {
      because: e.allowUnmeasured === true ? 'The plan allows unmeasured rings.' : `${release} is not live in ${ring}.`,
    };
  }
  const waiting = e.rules as string[];
  const because = `No rule has found ${release} in order in ${ring} yet.`;
  if (waiting.length > 0) return { because, needs: `Evidence from ${waiting.join(', ')}.` };
  if (Array.isArray(e.shared)) return sharedWords(finding, because, release);
  if (Array.isArray(e.tolerated)) {
    const needs = `${e.tolerated.join(', ')} let it pass without enough events, which proves nothing: wait for more traffic, lower minEvents, or say allowUnmeasured in the plan.`;
    return { because, needs, action: { who: 'configurator', do: `PUT /services/${service(release)}` } };
  }
  const call = `PUT /services/${service(release)}/rules/… measured in ${ring}`;
  return { because, needs: `A rule that is measured in ${ring}.`, action: { who: 'configurator', do: call } };
}

function clearing(release: string): Action {
  return { who: 'operator', do: `POST /releases/${release}/rollback/clear` };
}

function reasonText(e: Evidence): string {
  return typeof e.reason === 'string' && e.reason !== '' ? ` (${e.reason})` : '';
}

function service(release: string): string {
  return parseRelease(release)?.service ?? release;
}
