import type { Deed, Override } from './controls.ts';
import { editionOf } from './edition.ts';
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
 * `rollback`, and that, like `measured`, takes a second person, who has not asked for the release. A `*`
 * stands for neither.
 */
export function waive(scene: Scene, findings: readonly Finding[]): readonly Finding[] {
  const standing = standingOverrides(scene);
  if (standing.length === 0) return findings;
  const isSecond = secondsOf(scene);
  return findings.map((finding) => {
    const override = standing.find((each) => covers(each, finding, isSecond));
    return override === undefined ? finding : { ...finding, countedAs: 'promote', waivedBy: override.id };
  });
}

/** Overrides of this release and ring that have not expired at the decision's instant. */
function standingOverrides(scene: Scene): readonly Override[] {
  const overrides = scene.situation.controls?.overrides ?? [];
  return overrides.filter(({ rings, expiresAt }) => rings.includes(scene.ring.name) && expiresAt > scene.at);
}

/** Who may be the second person behind an override. */
type IsSecond = (override: Override, deed: Deed) => boolean;

/** Nobody who made it or has asked for the release; where anybody may have asked, nobody at all. */
function secondsOf({ situation }: Scene): IsSecond {
  const same = samePersonIn(situation.v);
  const { askers = [], askedByMany = false } = editionOf(situation).askersAreNoSeconds
    ? (situation.controls ?? {})
    : {};
  return (override, { by }) => !askedByMany && ![override.by.name, ...askers].some((name) => same(name, by.name));
}

function covers(override: Override, finding: Finding, isSecond: IsSecond): boolean {
  if (finding.countedAs !== 'hold' && finding.countedAs !== 'rollback') return false;
  const check = finding.countedAs === 'rollback' ? 'rollback' : finding.check;
  if (NEEDS_SECOND.includes(check)) return override.checks.includes(check) && hasSecond(override, isSecond);
  if (!WAIVABLE.some((name) => name === check)) return false;
  const named = override.checks.includes(check) || override.checks.includes(ALL_CHECKS);
  return named || (check === 'rule' && override.checks.includes(`rule/${finding.rule}`));
}

/** True while checks that need a second person wait for one: until then they are not waived. */
export function lacksSecond(override: Override): boolean {
  return override.checks.some((check) => NEEDS_SECOND.includes(check)) && !hasSecond(override, isSomebodyElse);
}

function isSomebodyElse(override: Override, { by }: Deed): boolean {
  return !samePerson(by.name, override.by.name);
}

function hasSecond(override: Override, isSecond: IsSecond): boolean {
  return override.approvals.some((deed) => isSecond(override, deed));
}
