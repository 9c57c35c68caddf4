import { durationMs, formatDuration } from '../domain/duration.ts';
import type { Situation } from '../domain/facts.ts';
import { paceOf } from '../domain/few-events.ts';
import { after } from '../domain/instant.ts';
import type { Measured, MetricQuestion } from '../domain/measurement.ts';
import { round } from '../domain/number-words.ts';
import { longestSample, type Probe, type Sample } from '../domain/probe.ts';
import { probesFor } from '../domain/probes.ts';
import { formatRelease } from '../domain/release.ts';
import { maxAgeOf, minEventsOf } from '../domain/rule.ts';
import { sceneOf } from '../domain/scene.ts';

/** A question together with the sentences that its answer may give. */
export interface Doubt {
  readonly question: MetricQuestion;
  readonly warn: (measured: Measured) => string | readonly string[] | null;
}

/**
 * Whether the longest window will ever hold as many events as the rule needs, for a situation of one
 * rule in one ring. Null when nothing can be asked, or when the release has only just gone live.
 */
export function trafficDoubt(situation: Situation, ask: readonly MetricQuestion[]): Doubt | null {
  const [probe] = probesFor(sceneOf(situation));
  const sample = probe === undefined ? undefined : longestSample(probe);
  const [total, ...more] = sample?.asked.filter(({ part }) => part === 'total') ?? [];
  // A total that is asked term by term has no one answer that could be too small.
  const question = more.length > 0 ? undefined : ask.find((each) => each.id === total?.id);
  if (probe === undefined || sample === undefined || question === undefined) return null;
  if (isYoung(situation.at, probe)) return null;
  const { question: asked, at } = situation;
  const who = probe.scope === 'service' ? asked.service : `${formatRelease(asked)} in ${asked.ring}`;
  return { question, warn: (measured) => trafficWarning(measured, at, probe, sample, who) };
}

/** Its first events may not have been scraped yet. */
function isYoung(at: string, { life, rule }: Probe): boolean {
  return life?.liveAt != null && after(life.liveAt, durationMs(maxAgeOf(rule))) > at;
}

function trafficWarning(
  { measurement }: Measured,
  at: string,
  probe: Probe,
  sample: Sample,
  who: string,
): string | null {
  const { name } = probe;
  switch (measurement.kind) {
    case 'no-data':
      return `${name} finds no events of ${who}: its queries may select nothing`;
    case 'rejected':
      return `the total query of ${name} is refused for ${who}: ${measurement.detail}`;
    case 'too-many-series':
      return `the total query of ${name} gives ${measurement.series} series for ${who}; it must give one`;
    case 'value':
      return tooFew(Number(measurement.value), at, probe, sample, who);
    default:
      return null;
  }
}

function tooFew(total: number, at: string, probe: Probe, sample: Sample, who: string): string | null {
  const { name, rule } = probe;
  const minEvents = minEventsOf(rule);
  const { expected } = paceOf(at, probe, sample, total);
  if (expected >= minEvents) return null;
  if (total === 0) return `${name} finds no events of ${who} within ${formatDuration(sample.windowMs ?? 0)}`;
  const seen = `about ${round(String(expected))} events within ${formatDuration(sample.wantedMs ?? 0)}`;
  const promoteAfter = rule.uncertain?.['too-few-events']?.promoteAfter;
  const choices = [
    'lower minEvents, widen the window or send test traffic',
    ...(promoteAfter === undefined ? [] : [`without anything bad it is tolerated after ${promoteAfter}`]),
  ];
  return `${name} can never judge ${who} at the present rate: ${seen}, and ${minEvents} are needed; ${choices.join('; ')}`;
}
