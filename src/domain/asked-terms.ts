import type { Asked, Probe } from './probe.ts';
import type { CountTerm } from './promql-terms.ts';
import { languageOf, parseQuery, type QueryLanguage } from './query-template.ts';
import { queriesOf, type RuleDocument } from './rule.ts';
import type { Scene } from './scene.ts';

type Subject = Pick<Probe, 'name' | 'rule' | 'scope' | 'ring'>;

/** The sample that the queries are for: what it is named, and whether it is what is known now. */
interface Place {
  readonly id: string;
  readonly isPresent: boolean;
}

/**
 * The queries of one sample. A count that is a sum of several terms is asked term by term, and beside a term whose
 * absence may mean zero its series are asked for; that is done for the present alone, because what lies further back
 * only confirms a rollback, and an absence never counts towards one. What was recorded before is read as it was asked.
 */
export function askedFor(scene: Scene, subject: Subject, place: Place): readonly Asked[] {
  const { name, ring, rule, scope } = subject;
  const idOf = (label: string): string => `${name}/${ring.name}/${label}/${place.id}`;
  return queriesOf(rule.indicator).flatMap(({ part, text }) => {
    if (scene.situation.v === 1 || rule.indicator.kind !== 'ratio') {
      return [{ id: idOf(part), part, template: text, term: null }];
    }
    const count = countIn(rule, text);
    return count.terms.map(({ text: template, isPlain, ...term }, i): Asked => {
      const label = count.terms.length === 1 ? part : `${part}-${i + 1}`;
      const withBirths = isPlain && part === 'bad' && term.kind === 'addend' && scope !== 'service';
      const depends = withBirths || dependsOnSeries(rule, part, term, count);
      const isCounted = withBirths || count.isSliced;
      const series = depends && place.isPresent ? { id: idOf(`series-${label}`), isCounted } : null;
      return { id: idOf(label), part, template, term: { ...term, series } };
    });
  });
}

interface Count {
  /** Datadog has no point where nothing happened, so an absence there needs no second question. */
  readonly language: QueryLanguage;
  readonly isSliced: boolean;
  readonly terms: readonly CountTerm[];
}

/** Slices are put together by the provider, so what they count is asked as a whole. */
function countIn(rule: RuleDocument, text: string): Count {
  const whole: CountTerm = { text, scale: 1, kind: 'addend', statesZero: false, isPlain: false };
  const parsed = parseQuery(text);
  const isSliced = rule.objective?.slices !== undefined;
  if ('error' in parsed || parsed.language === 'datadog' || isSliced) {
    return { language: languageOf(text), isSliced, terms: [whole] };
  }
  return { language: 'promql', isSliced, terms: parsed.terms };
}

/** True where it matters whether the term has series: its absence may be zero, or slices are left out. */
function dependsOnSeries(rule: RuleDocument, part: Asked['part'], term: Zeroable, count: Count): boolean {
  if (count.language === 'datadog') return false;
  return count.isSliced ? part !== 'total' : absentIsZero(rule, part, term, count.terms.length);
}

type Zeroable = Pick<CountTerm, 'kind' | 'statesZero'>;

/** True for a term that counts nothing where it is absent and has no series: of bad events, or one of several. */
export function absentIsZero(rule: RuleDocument, part: Asked['part'], term: Zeroable, terms: number): boolean {
  if (term.kind !== 'addend') return false;
  return part === 'bad' ? term.statesZero || (rule.absentBadMeansZero ?? true) : terms > 1;
}
