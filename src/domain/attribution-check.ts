import type { FieldError } from './errors.ts';
import type { RuleDocument, Scope } from './rule.ts';
import { namesInRule, type RuleQuery } from './rule-queries.ts';
import type { Plan } from './service.ts';

/** What a rule says of whose evidence it is must not contradict what its queries say. */
export function attributionErrors(
  rule: RuleDocument,
  queries: readonly RuleQuery[],
  plan: Plan,
  scope: Scope,
): readonly FieldError[] {
  const { attribution, measuredIn } = rule;
  if (attribution === undefined) return [];
  const { ring } = namesInRule(queries);
  const pointer = '/attribution';
  if (ring)
    return [{ pointer, message: 'the queries select the ring with ${ring}, which says it already: leave it out' }];
  if (attribution === 'release') {
    if (scope === 'release') return [];
    return [{ pointer, message: 'no query selects the release: write version="${version}", or leave it out' }];
  }
  const named = attribution.ring;
  if (!plan.rings.some(({ name }) => name === named)) {
    return [{ pointer: `${pointer}/ring`, message: `there is no ring named ${named}` }];
  }
  if (measuredIn === undefined || (measuredIn.length === 1 && measuredIn[0] === named)) return [];
  return [
    { pointer: '/measuredIn', message: `by its attribution the rule is evidence of ${named} alone: leave it out` },
  ];
}
