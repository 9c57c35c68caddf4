import { formatDuration } from '../domain/duration.ts';
import { GateError } from '../domain/errors.ts';
import { UNAVAILABLE } from '../domain/explain-rule.ts';
import { occupantOf } from '../domain/lives.ts';
import type { Measured, Measurement, MetricQuestion } from '../domain/measurement.ts';
import { round } from '../domain/number-words.ts';
import { longestSample, type Sample } from '../domain/probe.ts';
import { probesFor } from '../domain/probes.ts';
import { metricsIn } from '../domain/promql-selectors.ts';
import { questionsFor } from '../domain/questions.ts';
import { formatRelease } from '../domain/release.ts';
import { minEventsOf, type RuleDocument } from '../domain/rule.ts';
import { scopeOf } from '../domain/rule-check.ts';
import { sceneOf } from '../domain/scene.ts';
import { type Plan, planOf } from '../domain/service.ts';
import { suppose } from '../domain/suppose.ts';
import { askProviders, delaysOf } from './ask-providers.ts';
import { warningsFor } from './plan-warnings.ts';
import type { GateState, Ports } from './ports.ts';
import type { NamedRule } from './references.ts';

const DEADLINE_MS = 6000;
const MOST_QUESTIONS = 100;

/** A question together with the sentence that its answer may give. */
interface Doubt {
  readonly question: MetricQuestion;
  readonly warn: (measured: Measured) => string | null;
}

/**
 * The warnings of a service as it is configured now, and as its metrics look now: what the providers
 * do not know, and what present traffic can never judge. Asked on request, at most so many questions.
 * @throws GateError `not-found`.
 */
export async function listWarnings(
  ports: Pick<Ports, 'store' | 'providers'>,
  service: string,
): Promise<readonly string[]> {
  const state = await ports.store.gateState(service, '');
  if (state.service === null) throw new GateError('not-found', `there is no service ${service}`);
  const plan = planOf(state.service);
  const known = { ...state, service: state.service };
  const doubts = distinct(state.rules.flatMap((rule) => doubtsAbout(known, plan, service, rule)));
  const asked = doubts.slice(0, MOST_QUESTIONS);
  const questions = asked.map(({ question }, i) => ({ ...question, id: String(i) }));
  const answers = await askProviders(ports, state.providers, questions, DEADLINE_MS);
  const found = answers.flatMap((measured, i) => unanswered(measured) ?? asked[i]?.warn(measured) ?? []);
  const rest = doubts.length - asked.length;
  const left = rest > 0 ? [`${rest} more questions were not asked: only the first ${MOST_QUESTIONS} are`] : [];
  return [...warningsFor(plan, state.rules), ...new Set([...found, ...left])];
}

type Known = GateState & { readonly service: NonNullable<GateState['service']> };

/** Everything that can be asked about one rule, ring by ring: the filled queries show which metrics and which traffic. */
function doubtsAbout(state: Known, plan: Plan, service: string, named: NamedRule): readonly Doubt[] {
  const scope = scopeOf(named.rule, plan);
  const rings = named.rule.measuredIn ?? named.rule.guards ?? plan.rings.map((ring) => ring.name);
  const known = { service: state.service, providers: delaysOf(state.providers), rollout: state.rollout };
  return rings.flatMap((ring) => {
    const version = occupantOf(state.rollout, ring)?.version;
    const rule = { service, version: version ?? '0', ring, at: state.now, rule: named, scope };
    const { situation } = suppose(known, rule);
    const { ask } = questionsFor(situation);
    const traffic = scope === 'service' || version !== undefined ? trafficDoubt(situation, ask, named) : null;
    return [...metricDoubts(ask, named.name), ...(traffic === null ? [] : [traffic])];
  });
}

function metricDoubts(ask: readonly MetricQuestion[], rule: string): readonly Doubt[] {
  const counted = ask.filter(({ part }) => part !== 'age');
  return counted.flatMap((question) =>
    metricsIn(question.query).map(
      (metric): Doubt => ({
        question: { ...question, at: counted[0]?.at ?? question.at, query: `count(last_over_time(${metric}[1h]))` },
        warn: ({ measurement, provider }) =>
          measurement.kind === 'no-data'
            ? `${rule} asks ${provider} for ${metric}, of which it has seen nothing within the last hour`
            : null,
      }),
    ),
  );
}

/** Whether the longest window will ever hold as many events as the rule needs. */
function trafficDoubt(
  situation: Parameters<typeof sceneOf>[0],
  ask: readonly MetricQuestion[],
  { name, rule }: NamedRule,
): Doubt | null {
  const [probe] = probesFor(sceneOf(situation));
  const sample = probe === undefined ? undefined : longestSample(probe);
  const id = sample?.asked.find(({ part }) => part === 'total')?.id;
  const question = ask.find((each) => each.id === id);
  if (probe === undefined || sample === undefined || question === undefined) return null;
  const { question: asked } = situation;
  const who = probe.scope === 'service' ? asked.service : `${formatRelease(asked)} in ${asked.ring}`;
  return { question, warn: ({ measurement }) => trafficWarning(measurement, sample, rule, { name, who }) };
}

function trafficWarning(
  measurement: Measurement,
  { wantedMs, windowMs }: Sample,
  rule: RuleDocument,
  { name, who }: { readonly name: string; readonly who: string },
): string | null {
  switch (measurement.kind) {
    case 'no-data':
      return `${name} finds no events of ${who}: its queries may select nothing`;
    case 'rejected':
      return `the total query of ${name} is refused for ${who}: ${measurement.detail}`;
    case 'too-many-series':
      return `the total query of ${name} gives ${measurement.series} series for ${who}; it must give one`;
    case 'value': {
      const minEvents = minEventsOf(rule);
      const expected = (Number(measurement.value) * (wantedMs ?? 0)) / (windowMs || 1);
      if (expected >= minEvents) return null;
      const seen = `about ${round(String(expected))} events within ${formatDuration(wantedMs ?? 0)}`;
      return `${name} can never judge ${who} at the present rate: ${seen}, and ${minEvents} are needed; lower minEvents, widen the window or send test traffic`;
    }
    default:
      return null;
  }
}

/** The same query is asked once, whatever it is asked for. */
function distinct(doubts: readonly Doubt[]): readonly Doubt[] {
  const keyOf = ({ question }: Doubt) => `${question.provider} ${question.at} ${question.query}`;
  return [...new Map([...doubts].reverse().map((doubt) => [keyOf(doubt), doubt])).values()].reverse();
}

/** What a provider that does not answer leaves open, said once for each. */
function unanswered({ provider, measurement }: Measured): string | null {
  if (measurement.kind === 'deadline-exceeded')
    return `${provider} did not answer in time, so its metrics were not looked at`;
  if (measurement.kind !== 'unavailable') return null;
  return `${provider} ${UNAVAILABLE[measurement.reason] ?? 'is unavailable'}, so its metrics were not looked at`;
}
