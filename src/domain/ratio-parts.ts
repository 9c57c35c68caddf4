import type { FieldError } from './errors.ts';
import { isSameScale } from './promql-count.ts';
import { type Measure, SAMPLES, VALUES } from './promql-count-call.ts';
import type { RuleQuery } from './rule-queries.ts';

/**
 * What makes two counts no share of one another: each may be a count, but events are not samples, a thousandth of the
 * bad ones is not the bad ones, and the bad events of one release are few among the events of all.
 */
export function partErrors(queries: readonly RuleQuery[], identities: readonly string[]): readonly FieldError[] {
  const total = queries.find(({ part }) => part === 'total');
  if (total === undefined) return [];
  return queries
    .filter(({ part }) => part === 'bad' || part === 'good')
    .flatMap((counted) => [...measureErrors(counted, total), ...dilution(counted, total, identities)]);
}

function measureErrors(counted: RuleQuery, total: RuleQuery): readonly FieldError[] {
  const [of, among] = [measureOf(counted), measureOf(total)];
  if (of === null || among === null) return [];
  if (!isSameUnit(of, among)) {
    const message = `${counted.part} counts ${of.unit} and total ${among.unit}, which leaves no share: count both in the same way`;
    return [{ pointer: counted.pointer, message }];
  }
  if (isSameScale(of, among)) return [];
  const { pointer } = of.scale === 1 ? total : counted;
  const scales = `${counted.part} is scaled by ${of.scale} and total by ${among.scale}`;
  return [{ pointer, message: `${scales}, which changes the share: scale both alike, or neither` }];
}

/** What is 0 or 1 in every sample may be added up among the number of its samples. */
function isSameUnit(of: Measure, among: Measure): boolean {
  return of.unit === among.unit || (of.unit === VALUES && among.unit === SAMPLES);
}

function measureOf({ template }: RuleQuery): Measure | null {
  return template?.language === 'promql' ? template.measure : null;
}

/** A total that is not told whose it is counts the events of the others as well, which makes every share small. */
function dilution(counted: RuleQuery, total: RuleQuery, identities: readonly string[]): readonly FieldError[] {
  if (total.template === null) return [];
  const selected = selectedBy(total);
  const missing = [...selectedBy(counted)].filter((name) => identities.includes(name) && !selected.has(name));
  if (missing.length === 0) return [];
  const names = missing.map((name) => `\${${name}}`).join(' and ');
  const message = `${counted.part} selects ${names} with an = matcher and total does not, so the events of others would make the share small: select it in both`;
  return [{ pointer: total.pointer, message }];
}

/** `${release}` says which version it is. */
function selectedBy({ template }: RuleQuery): ReadonlySet<string> {
  const slots = template?.slots ?? [];
  return new Set(slots.flatMap(({ name, negated }) => (negated ? [] : [name === 'release' ? 'version' : name])));
}
