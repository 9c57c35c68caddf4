import type { DecisionBody } from './decision-record.ts';

/** Break-glass as it was used by one decision. */
export interface OverrideUse {
  readonly override: string;
  readonly decision: string;
  /** `service@version`. */
  readonly release: string;
  readonly ring: string;
  /** What was waived, each once: names of checks and `rule/<name>`. */
  readonly checks: readonly string[];
}

/** The overrides that the decision rests on, in the order of its findings. A dry run uses none. */
export function overrideUses({ id, release, ring, facts, decision }: DecisionBody): readonly OverrideUse[] {
  if (facts.question.dryRun) return [];
  const checks = new Map<string, Set<string>>();
  for (const { check, rule, countedAs, waivedBy } of decision.findings) {
    if (waivedBy === undefined || countedAs === null) continue;
    const waived = checks.get(waivedBy) ?? new Set();
    checks.set(waivedBy, waived.add(rule === undefined ? check : `${check}/${rule}`));
  }
  return [...checks].map(([override, names]) => ({ override, decision: id, release, ring, checks: [...names] }));
}
