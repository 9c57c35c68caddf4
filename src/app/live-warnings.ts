import { UNAVAILABLE } from '../domain/explain-rule.ts';
import { occupantOf } from '../domain/lives.ts';
import type { Measured, MetricQuestion } from '../domain/measurement.ts';
import { metricsIn } from '../domain/promql-selectors.ts';
import { questionsFor } from '../domain/questions.ts';
import { ringsMeasured } from '../domain/rule.ts';
import { scopeOf } from '../domain/rule-check.ts';
import { type Plan, planOf } from '../domain/service.ts';
import { suppose } from '../domain/suppose.ts';
import { askProviders, timingsOf } from './ask-providers.ts';
import { noService } from './no-service.ts';
import { warningsFor } from './plan-warnings.ts';
import type { GateState, Ports } from './ports.ts';
import type { NamedRule } from './references.ts';
import { type Doubt, trafficDoubt } from './traffic-doubt.ts';
import { unseenExits } from './unseen-exits.ts';
import { windowDoubts } from './window-warnings.ts';

const DEADLINE_MS = 6000;
const MOST_QUESTIONS = 100;

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
  if (state.service === null) throw noService(service);
  const plan = planOf(state.service);
  const known = { ...state, service: state.service };
  const doubts = byQuestion(state.rules.flatMap((rule) => doubtsAbout(known, plan, service, rule)));
  const asked = doubts.slice(0, MOST_QUESTIONS);
  const questions = asked.map(([first], i) => ({ ...first.question, id: String(i) }));
  const answers = await askProviders(ports, state.providers, questions, DEADLINE_MS);
  const found = answers.flatMap(
    (measured, i) => unanswered(measured) ?? asked[i]?.flatMap(({ warn }) => warn(measured) ?? []) ?? [],
  );
  const rest = doubts.length - asked.length;
  const left = rest > 0 ? [`${rest} more questions were not asked: only the first ${MOST_QUESTIONS} are`] : [];
  const unseen = await unseenExits(ports, service, state);
  return [...warningsFor(plan, state.rules), ...unseen, ...new Set([...found, ...left])];
}

type Known = GateState & { readonly service: NonNullable<GateState['service']> };

/** Everything that can be asked about one rule, ring by ring: the filled queries show which metrics and which traffic. */
function doubtsAbout(state: Known, plan: Plan, service: string, named: NamedRule): readonly Doubt[] {
  const scope = scopeOf(named.rule, plan);
  const rings = ringsMeasured(named.rule) ?? named.rule.guards ?? plan.rings.map((ring) => ring.name);
  const known = { service: state.service, providers: timingsOf(state.providers), rollout: state.rollout };
  return rings.flatMap((ring) => {
    const version = occupantOf(state.rollout, ring)?.version;
    const rule = { service, version: version ?? '0', ring, at: state.now, rule: named, scope };
    const { situation } = suppose(known, rule);
    const { ask } = questionsFor(situation);
    const traffic = scope === 'service' || version !== undefined ? trafficDoubt(situation, ask) : null;
    return [...metricDoubts(ask, named.name), ...windowDoubts(named, ask), ...(traffic === null ? [] : [traffic])];
  });
}

function metricDoubts(ask: readonly MetricQuestion[], rule: string): readonly Doubt[] {
  const counted = ask.filter(({ part }) => part !== 'age' && part !== 'series' && part !== 'distance');
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

/** The same query is asked once, for all who doubt about it. */
function byQuestion(doubts: readonly Doubt[]): readonly (readonly [Doubt, ...Doubt[]])[] {
  const groups = new Map<string, [Doubt, ...Doubt[]]>();
  for (const doubt of doubts) {
    const { provider, at, query, windowMs } = doubt.question;
    const key = `${provider} ${at} ${windowMs ?? ''} ${query}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [doubt]);
    else group.push(doubt);
  }
  return [...groups.values()];
}

/** What a provider that does not answer leaves open, said once for each. */
function unanswered({ provider, measurement }: Measured): string | null {
  if (measurement.kind === 'deadline-exceeded')
    return `${provider} did not answer in time, so its metrics were not looked at`;
  if (measurement.kind !== 'unavailable') return null;
  return `${provider} ${UNAVAILABLE[measurement.reason] ?? 'is unavailable'}, so its metrics were not looked at`;
}
