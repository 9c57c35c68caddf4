import { type Override, samePerson } from './controls.ts';
import type { Finding } from './finding.ts';
import type { Scene } from './scene.ts';

/**
 * Break-glass. A waived finding is still there with what was measured; it only counts as promote, and
 * says by whose override. What stands for harm, the mark included, is waived by nothing but
 * `rollback`, and that, like `measured`, takes a second person. A `*` stands for neither.
 */
export function waive(scene: Scene, findings: readonly Finding[]): readonly Finding[] {
  const standing = standingOverrides(scene);
  if (standing.length === 0) return findings;
  return findings.map((finding) => {
    const override = standing.find((each) => covers(each, finding));
    return override === undefined ? finding : { ...finding, countedAs: 'promote', waivedBy: override.id };
  });
}

/** Overrides of this release and ring that have not expired at the decision's instant. */
function standingOverrides(scene: Scene): readonly Override[] {
  const overrides = scene.situation.controls?.overrides ?? [];
  return overrides.filter(({ rings, expiresAt }) => rings.includes(scene.ring.name) && expiresAt > scene.at);
}

function covers(override: Override, finding: Finding): boolean {
  if (finding.countedAs !== 'hold' && finding.countedAs !== 'rollback') return false;
  const check = finding.countedAs === 'rollback' ? 'rollback' : finding.check;
  if (check === 'rollback' || check === 'measured') return override.checks.includes(check) && hasSecond(override);
  if (check === 'artifact' || check === 'state') return false;
  const named = override.checks.includes(check) || override.checks.includes('*');
  return named || (check === 'rule' && override.checks.includes(`rule/${finding.rule}`));
}

/** True when somebody else than its maker stands behind it. */
export function hasSecond(override: Override): boolean {
  return override.approvals.some(({ by }) => !samePerson(by.name, override.by.name));
}
