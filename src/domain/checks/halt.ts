import { type Finding, holds, passes } from '../finding.ts';
import type { Scene } from '../scene.ts';

/** Somebody has stopped the line. It stands for entering and for leaving a ring until somebody lifts it. */
export function checkHalts(scene: Scene): readonly Finding[] {
  const { controls } = scene.situation;
  if (controls === undefined) return [];
  if (controls.halts.length === 0) return [passes({ check: 'halt' }, 'open')];
  return controls.halts.map(({ id, scope, reason, by, at }) =>
    holds({ check: 'halt' }, 'halted', 'by-person', { id, scope, reason, by: by.name, since: at }),
  );
}
