import type { Override } from './controls.ts';
import type { CheckName, Finding } from './finding.ts';
import { samePerson, samePersonIn } from './person.ts';
import type { Scene } from './scene.ts';

/** What an override may name, beside single rules as `rule/<name>`. Another artifact is another release, so `artifact` is not among them. */
export const WAIVABLE = [
  'freeze',
  'halt',
  'order',
  'bake',
  'occupancy',
  'approval',
  'measured',
  'rollback',
  'rule',
] as const satisfies readonly CheckName[];

/** Stands for every check that needs no second person. */
export const ALL_CHECKS = '*';

const NEEDS_SECOND: readonly string[] = ['rollback', 'measured'] satisfies readonly CheckName[];

/**
 * Break-glass. A waived finding is still there with what was measured; it only counts as promote, and
 * says by whose override. What stands for harm, the mark included, is waived by nothing but
 * `rollback`, and that, like `measured`, takes a second person. A `*` stands for neither.
 */
export function waive(scene: Scene, findings: readonly Finding[]): readonly Finding[] {
  const standing = standingOverrides(scene);
  if (standing.length === 0) return findings;
  const same = samePersonIn(scene.situation.v);
  return findings.map((finding) => {
    const override = standing.find((each) => covers(each, finding, same));
    return override === undefined ? finding : { ...finding, countedAs: 'promote', waivedBy: override.id };
  });
}

/** Overrides of this release and ring that have not expired at the decision's instant. */
function standingOverrides(scene: Scene): readonly Override[] {
  const overrides = scene.situation.controls?.overrides ?? [];
  return overrides.filter(({ rings, expiresAt }) => rings.includes(scene.ring.name) && expiresAt > scene.at);
}

function covers(override: Override, finding: Finding, same: typeof samePerson): boolean {
  if (finding.countedAs !== 'hold' && finding.countedAs !== 'rollback') return false;
  const check = finding.countedAs === 'rollback' ? 'rollback' : finding.check;
  if (NEEDS_SECOND.includes(check)) return override.checks.includes(check) && hasSecond(override, same);
  if (!WAIVABLE.some((name) => name === check)) return false;
  const named = override.checks.includes(check) || override.checks.includes(ALL_CHECKS);
  return named || (check === 'rule' && override.checks.includes(`rule/${finding.rule}`));
}

/** True while checks that need a second person wait for one: until then they are not waived. */
export function lacksSecond(override: Override): boolean {
  return override.checks.some((check) => NEEDS_SECOND.includes(check)) && !hasSecond(override, samePerson);
}

/** Somebody else than its maker stands behind it. */
function hasSecond(override: Override, same: typeof samePerson): boolean {
  return override.approvals.some(({ by }) => !same(by.name, override.by.name));
}
