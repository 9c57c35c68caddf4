import { type Answers, numberOf, type Read, type Unknown } from './answer-reading.ts';
import { absentIsZero } from './asked-terms.ts';
import type { Asked, Probe, Sample } from './probe.ts';
import { selectorsOf } from './promql-selectors.ts';

/**
 * One count of a sample from the answers to its terms. An absence is zero only where nothing else can be meant by it:
 * in a sum, where the term has no series at all. One side of a difference is never zero, because everything failing
 * looks the same there as nothing happening; and what has series and gives nothing all the same is not known.
 */
export interface Count {
  readonly number: number;
  /** Beside what is counted, see `Counts`. */
  readonly uncounted: number;
  /** The queries that were taken for zero. */
  readonly absent: readonly string[];
}

export type CountedPart = 'bad' | 'good' | 'total';

interface Absence {
  readonly asked: Asked;
  readonly unknown: Unknown;
}

/** Reads `bad`, `good` or `total` of one sample. */
export function readCount(probe: Probe, sample: Sample, part: CountedPart, answers: Answers): Read<Count> {
  const asked = sample.asked.filter((each) => each.part === part);
  const { provider } = probe.rule.indicator;
  const absent: Absence[] = [];
  let [number, uncounted] = [0, 0];
  for (const each of asked) {
    const scale = each.term?.scale ?? 1;
    const value = numberOf(each, answers, provider);
    if ('unknown' in value) {
      if (value.unknown.cause !== 'no-data') return value;
      absent.push({ asked: each, unknown: value.unknown });
      continue;
    }
    const beside = uncountedBeside(each, answers, provider);
    if ('unknown' in beside) return beside;
    number += scale * value.number;
    uncounted += scale * beside.number;
  }
  const reason = whyNotZero(probe, part, { asked, absent }, answers);
  if (reason !== null) return { unknown: reason };
  const judged = absent.filter((each) => each.asked.term !== null);
  return { number, uncounted, absent: judged.map((each) => textOf(each.asked, answers)) };
}

/** What the term's own number leaves out: first values of new series, or slices. */
function uncountedBeside({ term, part }: Asked, answers: Answers, provider: string): Read<{ readonly number: number }> {
  if (term?.series?.isCounted !== true) return { number: 0 };
  const number = numberOf({ id: term.series.id, part }, answers, provider);
  return 'unknown' in number && number.unknown.cause === 'no-data' ? { number: 0 } : number;
}

interface Absences {
  readonly asked: readonly Asked[];
  readonly absent: readonly Absence[];
}

function whyNotZero(probe: Probe, part: CountedPart, { asked, absent }: Absences, answers: Answers): Unknown | null {
  const [first] = absent;
  if (first !== undefined && part !== 'bad' && absent.length === asked.length)
    return nothingAtAll(part, first, answers);
  for (const each of absent) {
    const reason = whyUnknown(probe, part, each, { terms: asked.length, answers });
    if (reason !== null) return reason;
  }
  return null;
}

/** Good events that are absent beside traffic may mean that everything fails: which query finds none has to be said. */
function nothingAtAll(part: CountedPart, { asked, unknown: reason }: Absence, answers: Answers): Unknown {
  if (part !== 'good' || asked.term === null) return reason;
  return { ...reason, detail: { ...reason.detail, reason: 'absent-good', term: textOf(asked, answers) } };
}

function whyUnknown(
  { rule }: Probe,
  part: CountedPart,
  { asked, unknown: reason }: Absence,
  { terms, answers }: { readonly terms: number; readonly answers: Answers },
): Unknown | null {
  const { term } = asked;
  if (term === null) return part === 'bad' && (rule.absentBadMeansZero ?? true) ? null : reason;
  const detail = { ...reason.detail, term: textOf(asked, answers) };
  if (term.kind === 'operand') return noData('by-person', { ...detail, reason: 'absent-operand' });
  if (term.kind === 'other') return noData('by-person', { ...detail, reason: 'other-shape' });
  if (!absentIsZero(rule, part, term, terms)) return reason;
  if (term.series === null) return null;
  const series = numberOf({ id: term.series.id, part }, answers, rule.indicator.provider);
  if ('unknown' in series) return series.unknown.cause === 'no-data' ? null : series.unknown;
  // One selector by itself is readable with its next sample; what is joined or filtered need never be.
  const isSimple = selectorsOf(detail.term).length === 1;
  return noData(isSimple ? 'by-data' : 'by-person', { ...detail, reason: 'unreadable' });
}

function noData(clears: Unknown['clears'], detail: Unknown['detail']): Unknown {
  return { cause: 'no-data', clears, detail };
}

/** As it was sent. */
function textOf({ id, template }: Asked, answers: Answers): string {
  return answers.get(id)?.query ?? template;
}
