import { formatDuration } from '../duration.ts';
import { editionOf } from '../edition.ts';
import { type Finding, holds, passes } from '../finding.ts';
import { after, msOf } from '../instant.ts';
import { isProven, ownStay, type Scene } from '../scene.ts';
import type { Ring } from '../service.ts';
import { counts, type Stay } from '../stay.ts';
import { isReportMissing } from './order.ts';

/** Every ring that is still to be proven must have had the release for its bake time. It counts from the deployment. */
export function checkBake(scene: Scene): readonly Finding[] {
  if (scene.required.length === 0) return [passes({ check: 'bake', ring: scene.ring.name }, 'first-ring')];
  return scene.required.map((ring) => bakeIn(scene, ring));
}

function bakeIn(scene: Scene, ring: Ring): Finding {
  const subject = { check: 'bake', ring: ring.name } as const;
  if (isProven(scene, ring.name)) return passes(subject, 'proven');
  const stay = ownStay(scene, ring.name);
  const { life } = stay;
  if (!counts(stay) || life?.liveAt == null) return skipped(scene, subject, stay, ring);
  const served = msOf(scene.at) - msOf(life.liveAt);
  const evidence = { since: life.liveAt, required: formatDuration(ring.bakeMs), served: formatDuration(served) };
  if (served >= ring.bakeMs) return passes(subject, 'baked', evidence);
  return holds(subject, 'baking', 'by-time', evidence, after(life.liveAt, ring.bakeMs));
}

/**
 * Nothing bakes where the release does not count. That holds by itself, so that whoever lets it pass by `order`
 * alone has not let it pass without its bake.
 */
function skipped(scene: Scene, subject: Pick<Finding, 'check' | 'ring'>, stay: Stay, ring: Ring): Finding {
  if (!editionOf(scene.situation).skippedRingsHold) return passes(subject, 'not-applicable');
  const evidence = { state: stay.state, required: formatDuration(ring.bakeMs), asked: scene.ring.name };
  return holds(subject, 'baking', isReportMissing(scene, stay) ? 'by-data' : 'by-person', evidence);
}
