import { sharedWords } from './explain-attribution.ts';
import { explainControl } from './explain-controls.ts';
import { clearing, explainLife, overriding } from './explain-life.ts';
import { explainRule } from './explain-rule.ts';
import type { Evidence, ExplainedFinding, Finding, Words } from './finding.ts';
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
    case 'bake':
    case 'occupancy':
      return explainLife(finding, release);
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
  if (cause === 'not-applicable') return { because: 'The artifact is not stated.' };
  if (cause === 'open') return { because: `The artifact is the one that ${release} began with.` };
  if (cause === 'artifact-missing') {
    const why = e.fixed === null ? 'and the plan requires it' : `but ${release} began with ${e.fixed}`;
    return {
      because: `The artifact is not stated, ${why}.`,
      needs: 'Every question has to state the artifact that is deployed.',
      action: { who: 'pipeline', do: 'add artifact=… to the question: the digest, or commit:… of what is deployed' },
    };
  }
  return {
    because: `${release} began with the artifact ${e.fixed}, but ${e.stated} was stated now.`,
    needs: 'Another build needs another version.',
    action: { who: 'pipeline', do: `release the artifact ${e.stated} under a version of its own` },
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
  if (e.state !== undefined) return skippedWords(finding, release);
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

/** Nothing is measured in a ring in which the release does not count. */
function skippedWords({ clears, evidence: e, ring = '' }: Finding, release: string): Words {
  const because = `Nothing has been measured of ${release} in ${ring}.`;
  if (clears === 'by-data') return { because, needs: `The deployment to ${ring} has to be reported first.` };
  const needs = `Take ${release} through ${ring}; to skip the ring, an override of bake and measured takes two people.`;
  return { because, needs, action: overriding(release, String(e.asked), ['bake', 'measured']) };
}

function reasonText(e: Evidence): string {
  return typeof e.reason === 'string' && e.reason !== '' ? ` (${e.reason})` : '';
}

function service(release: string): string {
  return parseRelease(release)?.service ?? release;
}
