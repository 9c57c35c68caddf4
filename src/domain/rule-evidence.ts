import type { Answers } from './answer-reading.ts';
import { durationMs } from './duration.ts';
import type { Evidence } from './finding.ts';
import type { Measured } from './measurement.ts';
import { longestSample, type Probe, presentSamples, type Sample, windowText } from './probe.ts';
import { atWorst, type Counts, countsOf, type Readings } from './reading.ts';
import { type Bound, countsEvents, type Limits, objectiveWindow, type Slices } from './rule.ts';
import { slicesWithin } from './slice-queries.ts';
import { precise } from './slo.ts';
import { budgetState, burnOf, pairStates } from './slo-reading.ts';

/** Numbers that are evidence are texts; twelve digits are more than any measurement is worth. */
export function numberText(value: number): string {
  return String(precise(value));
}

/** The limits that were judged by, as texts like every number that is evidence. */
function limitsText(limits: Limits): Evidence {
  const text = (bound: Bound | undefined): Evidence =>
    Object.fromEntries(Object.entries(bound ?? {}).map(([side, value]) => [side, String(value)]));
  const bounds = { hold: text(limits.hold), rollback: text(limits.rollback) };
  return { window: limits.window ?? null, for: limits.for ?? null, ...bounds };
}

/** What a rule's finding shows: the queries as they were sent, the numbers as they came, and what they are held against. */
export function evidenceOf(probe: Probe, readings: Readings, answers: Answers): Evidence {
  const { scope, rule, samples } = probe;
  const first = rule.objective === undefined ? samples[0] : longestSample(probe);
  const asked = (first?.asked ?? []).flatMap(({ id, term }) => {
    const answer = answers.get(id);
    return answer === undefined ? [] : [{ ...answer, scale: term?.scale ?? 1 }];
  });
  const base = {
    scope,
    at: probe.at,
    provider: probe.provider ?? rule.indicator.provider,
    ...(rule.limits === undefined ? {} : { limits: limitsText(rule.limits) }),
    ...sloEvidence(probe, readings),
  };
  if (!countsEvents(rule.indicator)) {
    return {
      ...base,
      query: asked[0]?.query ?? null,
      values: samples.map((sample) => point(sample, readings)),
      ...(probe.recent?.scrapeIntervalMs == null ? {} : { recent: recentRow(probe, readings) }),
    };
  }
  return {
    ...base,
    queries: byPart(asked, (terms) => terms.map(({ query, scale }, i) => termText(query, scale, i)).join(' ')),
    windows: windowRows(probe, readings),
    recent: recentRow(probe, readings),
    lasting: samples.slice(1).map((sample) => point(sample, readings)),
    raw: byPart(asked, (terms) => {
      const said = terms.map(({ measurement }) => ('value' in measurement ? measurement.value : measurement.kind));
      return said.length === 1 ? said[0] : said;
    }),
  };
}

type AskedTerm = Measured & { readonly scale: number };

/** Something of each part of the indicator, whose count may have been asked term by term. */
function byPart(asked: readonly AskedTerm[], show: (terms: readonly AskedTerm[]) => unknown): Evidence {
  const parts = [...new Set(asked.map(({ part }) => part))];
  return Object.fromEntries(parts.map((part) => [part, show(asked.filter((each) => each.part === part))]));
}

/** A term in the sum that it was sent for. */
function termText(query: string, scale: number, i: number): string {
  const factor = Math.abs(scale) === 1 ? query : `${numberText(Math.abs(scale))} * ${query}`;
  if (scale < 0) return `- ${factor}`;
  return i === 0 ? factor : `+ ${factor}`;
}

/** Objective, pairs and budget; nothing for a rule that has no objective. */
function sloEvidence(probe: Probe, readings: Readings): Evidence {
  const { objective, budget } = probe.rule;
  if (objective === undefined) return {};
  const pairs = pairStates(probe, readings).map(({ pair, long, short, burn, fires }) => ({
    long: textOf(long[0], pair.long),
    short: textOf(short[0], pair.short),
    factor: numberText(pair.factor),
    verdict: pair.verdict ?? 'hold',
    burnLong: maybe(burn.long),
    burnShort: maybe(burn.short),
    fires,
  }));
  const left = budgetState(probe, readings);
  return {
    objective: {
      target: String(objective.target),
      window: objectiveWindow(objective),
      ...(objective.slices === undefined ? {} : { slices: slicesText(objective.slices) }),
    },
    ...(pairs.length === 0 ? {} : { burnRates: pairs }),
    ...(budget === undefined
      ? {}
      : {
          budget: {
            remaining: left === null ? null : numberText(left.remaining),
            badLeft: left === null ? null : numberText(left.badLeft),
            exhaustedAt: left?.exhaustedAt ?? null,
            presentBurn: maybe(left?.presentBurn ?? null),
            recoversAt: left?.recoversAt ?? null,
            holdBelow: numberText(budget.holdBelow),
            exempt: budget.exempt ?? [],
            period: left?.period ?? null,
          },
        }),
  };
}

function slicesText({ window, target }: Slices): Evidence {
  return { window, target: target === undefined ? null : String(target) };
}

/** As long as the evidence floor lets it be. */
function textOf(sample: Sample | undefined, wanted: string): string {
  return (sample === undefined ? null : windowText(sample)) ?? wanted;
}

function point(sample: Sample, readings: Readings): Evidence {
  const counts = countsOf(readings, sample);
  return { at: sample.at, value: counts === null ? null : numberText(counts.value) };
}

/** Every window once; a window that belongs to several pairs has a row for each of their factors. */
function windowRows(probe: Probe, readings: Readings): readonly Evidence[] {
  return presentSamples(probe)
    .filter((sample) => sample.windowMs !== null)
    .flatMap((sample) => {
      const row = windowRow(probe, sample, readings);
      if (probe.rule.objective === undefined) return [row];
      const pairs = probe.burns.filter(({ long, short }) => long[0] === sample || short[0] === sample);
      const factors = [...new Set(pairs.map(({ pair }) => numberText(pair.factor)))];
      return factors.length === 0 ? [{ ...row, factor: null }] : factors.map((factor) => ({ ...row, factor }));
    });
}

function windowRow(probe: Probe, sample: Sample, readings: Readings): Evidence {
  const counts = countsOf(readings, sample);
  const { slices } = probe.rule.objective ?? {};
  const numbers = {
    window: windowText(sample),
    bad: maybe(counts?.bad ?? null),
    total: maybe(counts?.total ?? null),
    ratio: maybe(counts?.value ?? null),
    ...(slices === undefined || counts === null ? {} : { emptySlices: emptySlices(sample, slices, counts) }),
    ...(counts === null || counts.uncounted === 0 ? {} : uncountedIn(counts)),
    ...(counts === null || counts.absent.length === 0 ? {} : { absent: counts.absent }),
  };
  return probe.rule.objective === undefined ? numbers : { ...numbers, burnRate: maybe(burnOf(probe, counts)) };
}

/** What may be bad besides, and the share that it would be. */
function uncountedIn(counts: Counts): Evidence {
  return { uncounted: numberText(counts.uncounted), ratioAtWorst: numberText(atWorst(counts).value) };
}

/** The window by which a breach was called over or not, and how far apart samples were measured to be. */
function recentRow(probe: Probe, readings: Readings): Evidence | null {
  const { sample, distanceMs } = readings.recent;
  if (sample === null) return null;
  const row = countsEvents(probe.rule.indicator)
    ? windowRow(probe, sample, readings)
    : { window: windowText(sample), value: point(sample, readings).value };
  if (probe.recent?.scrapeIntervalMs == null) return row;
  return { ...row, sampleDistance: distanceMs === null ? null : numberText(distanceMs / 1000) };
}

/** Slices of the window in which nothing happened: they are in neither count. */
function emptySlices({ at, windowMs }: Sample, { window }: Slices, { total, uncounted }: Counts): string {
  return numberText(Math.max(0, slicesWithin(at, windowMs ?? 0, durationMs(window)) - total - uncounted));
}

function maybe(value: number | null): string | null {
  return value === null ? null : numberText(value);
}
