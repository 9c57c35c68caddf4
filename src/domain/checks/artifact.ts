import { type Finding, holds, passes } from '../finding.ts';
import type { Scene } from '../scene.ts';

/**
 * What was tried in the first ring must be what goes on. Once an artifact was stated it has to be stated every
 * time, because leaving it out would let any other build pass; a plan may demand it from the first question on.
 */
export function checkArtifact(scene: Scene): Finding {
  const subject = { check: 'artifact' } as const;
  const stated = scene.situation.question.artifact;
  const fixed = scene.release.artifact;
  if (stated === null) return isDemanded(scene) ? missing(scene) : passes(subject, 'not-applicable');
  if (fixed === null || fixed === stated) return passes(subject, 'open', { artifact: stated });
  return holds(subject, 'artifact-changed', 'never', { fixed, stated });
}

/** In the first edition of the facts the artifact could be left out at any time. */
function isDemanded({ situation, release, plan }: Scene): boolean {
  return situation.v > 1 && (release.artifact !== null || plan.artifact === 'required');
}

function missing({ release, plan }: Scene): Finding {
  const evidence = { fixed: release.artifact, required: plan.artifact === 'required' };
  return holds({ check: 'artifact' }, 'artifact-missing', 'by-person', evidence);
}
