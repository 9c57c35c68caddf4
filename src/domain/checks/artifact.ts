import { type Finding, holds, passes } from '../finding.ts';
import type { Scene } from '../scene.ts';

/** What was tried in the first ring must be what goes on: the digest is fixed there. */
export function checkArtifact(scene: Scene): Finding {
  const stated = scene.situation.question.artifact;
  const fixed = scene.release.artifact;
  if (stated === null) return passes({ check: 'artifact' }, 'not-applicable');
  if (fixed === null || fixed === stated) return passes({ check: 'artifact' }, 'open', { artifact: stated });
  return holds({ check: 'artifact' }, 'artifact-changed', 'never', { fixed, stated });
}
