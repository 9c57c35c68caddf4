import type { Evidence } from './finding.ts';
import { type Probe, windowText } from './probes.ts';
import type { Answers, Reading, Readings } from './reading.ts';
import type { Bound, Limits } from './rule.ts';

/** Numbers that are evidence are texts; twelve digits are more than any measurement is worth. */
export function numberText(value: number): string {
  return String(Number(value.toPrecision(12)));
}

/** The limits that were judged by, as texts like every number that is evidence. */
function limitsText(limits: Limits): Evidence {
  const text = (bound: Bound | undefined): Evidence =>
    Object.fromEntries(Object.entries(bound ?? {}).map(([side, value]) => [side, String(value)]));
  const bounds = { hold: text(limits.hold), rollback: text(limits.rollback) };
  return { window: limits.window ?? null, for: limits.for ?? null, ...bounds };
}

/** What a rule's finding shows: the queries as they were sent, the numbers as they came, and the limits. */
export function evidenceOf(probe: Probe, { readings, recent }: Readings, answers: Answers): Evidence {
  const { scope, rule, samples } = probe;
  const first = samples[0];
  const asked = (first?.asked ?? []).flatMap(({ id }) => answers.get(id) ?? []);
  const base = {
    scope,
    at: first?.at ?? null,
    provider: probe.provider ?? rule.indicator.provider,
    limits: limitsText(rule.limits),
  };
  if (rule.indicator.kind === 'threshold') {
    return {
      ...base,
      query: asked[0]?.query ?? null,
      values: samples.map((sample, i) => point(sample.at, readings[i])),
    };
  }
  return {
    ...base,
    queries: Object.fromEntries(asked.map((question) => [question.part, question.query])),
    windows: first === undefined || windowText(first) === null ? [] : [windowRow(windowText(first), readings[0])],
    recent: probe.recent === null || recent === null ? null : windowRow(windowText(probe.recent), recent),
    lasting: samples.slice(1).map((sample, i) => point(sample.at, readings[i + 1])),
    raw: Object.fromEntries(
      asked.map(({ part, measurement }) => [part, 'value' in measurement ? measurement.value : measurement.kind]),
    ),
  };
}

function point(at: string, reading: Reading | undefined): Evidence {
  if (reading === undefined || !('counts' in reading)) return { at, value: null };
  return { at, value: numberText(reading.counts.value) };
}

function windowRow(window: string | null, reading: Reading | undefined): Evidence {
  if (reading === undefined || !('counts' in reading)) return { window, bad: null, total: null, ratio: null };
  const { bad, total, value } = reading.counts;
  return { window, bad: numberText(bad), total: numberText(total), ratio: numberText(value) };
}
