import { GateError, invalid } from '../domain/errors.ts';
import { explain } from '../domain/explain.ts';
import type { Facts, Situation } from '../domain/facts.ts';
import type { ExplainedFinding } from '../domain/finding.ts';
import { evaluateGate } from '../domain/gate.ts';
import { instant, msOf } from '../domain/instant.ts';
import { occupantOf } from '../domain/lives.ts';
import type { Measured } from '../domain/measurement.ts';
import { everySample, windowText } from '../domain/probe.ts';
import { probesFor } from '../domain/probes.ts';
import { questionsFor } from '../domain/questions.ts';
import { formatRelease } from '../domain/release.ts';
import { type RuleDocument, ringsMeasured, type Scope } from '../domain/rule.ts';
import { scopeOf } from '../domain/rule-check.ts';
import { sceneOf } from '../domain/scene.ts';
import { type Plan, planOf } from '../domain/service.ts';
import { suppose } from '../domain/suppose.ts';
import { timingsOf } from './ask-providers.ts';
import { noService } from './no-service.ts';
import { ruleWarnings } from './plan-warnings.ts';
import type { GateState, Ports } from './ports.ts';
import { ruleErrors } from './rule-errors.ts';
import { askTimed, type TimedMeasured } from './timed-asking.ts';

export interface PreviewRequest {
  readonly service: string;
  readonly rule: string;
  /** The occupant of the ring by default. */
  readonly version: string | null;
  /** The first ring in which the rule is asked by default. */
  readonly ring: string | null;
  /** RFC 3339, not in the future; now by default. */
  readonly at: string | null;
  /** A rule that need not be saved; the saved one by default. */
  readonly document: RuleDocument | null;
}

/** What a rule measures and what it would say. Nothing of it is recorded. */
export interface PreviewDocument {
  readonly service: string;
  readonly rule: string;
  /** False when the rule came with the request. */
  readonly saved: boolean;
  readonly scope: Scope;
  readonly ring: string;
  /** Null where none is named and none runs. */
  readonly release: string | null;
  readonly provider: string;
  /** The instant that was evaluated, before the provider's delay. */
  readonly at: string;
  /** Null for a service-wide rule. `supposed`: the release does not run there, so it was taken to have been live for ever. */
  readonly life: { readonly since: string; readonly supposed: boolean } | null;
  readonly queries: readonly PreviewQuery[];
  readonly finding: ExplainedFinding;
  readonly warnings: readonly string[];
}

export interface PreviewQuery extends Pick<Measured, 'part' | 'at' | 'query' | 'measurement' | 'infos'> {
  readonly window: string | null;
  readonly milliseconds: number;
}

const DEADLINE_MS = 6000;
/** Stands where no query names a version. */
const UNNAMED = '0';

/**
 * Evaluates one rule now, or at a past instant, as the gate would for a release that runs in the ring.
 * @throws GateError `not-found` for the service or a rule that is not saved, `invalid-request` for what
 *   is wrong with the rule, the ring, the version or the instant.
 */
export async function previewRule(
  ports: Pick<Ports, 'store' | 'providers' | 'runtime'>,
  request: PreviewRequest,
): Promise<PreviewDocument> {
  const first = await loaded(ports, request.service, request.version ?? '');
  const rule = request.document ?? savedRule(first, request);
  const plan = planOf(first.service);
  const errors = ruleErrors(rule, plan, first.providers);
  if (errors.length > 0) throw invalid(errors);
  const scope = scopeOf(rule, plan);
  const ring = ringFor(rule, plan, request.ring);
  const at = instantFor(request.at, first.now);
  const known = request.version ?? versionFor(first, ring, scope);
  const version = known ?? UNNAMED;
  const state = request.version === null ? await loaded(ports, request.service, version) : first;
  const { service, rollout } = state;
  const configured = { service, providers: timingsOf(state.providers), rollout };
  const named = { name: request.rule, rule };
  const { situation, life } = suppose(configured, { ...request, version, ring, at, rule: named, scope });
  const { answers, finding } = await evaluated(ports, state, situation);
  const release = formatRelease({ service: request.service, version });
  return {
    ...{ service: request.service, rule: request.rule, saved: request.document === null },
    ...{ scope, ring, release: known === null ? null : release, at },
    provider: String(finding.evidence.provider ?? rule.indicator.provider),
    life: scope === 'service' ? null : life,
    queries: queriesOf(situation, answers),
    finding: explain(finding, release),
    warnings: ruleWarnings(named, plan),
  };
}

type Loaded = GateState & { readonly service: NonNullable<GateState['service']> };

async function loaded(ports: Pick<Ports, 'store'>, service: string, version: string): Promise<Loaded> {
  const state = await ports.store.gateState(service, version);
  if (state.service === null) throw noService(service);
  return { ...state, service: state.service };
}

function savedRule(state: Loaded, { service, rule }: PreviewRequest): RuleDocument {
  const found = state.rules.find(({ name }) => name === rule);
  if (found !== undefined) return found.rule;
  throw new GateError('not-found', `${service} has no rule ${rule}: send one in the body to try it unsaved`);
}

function ringFor(rule: RuleDocument, plan: Plan, wanted: string | null): string {
  const asked = ringsMeasured(rule) ?? rule.guards ?? plan.rings.map(({ name }) => name);
  const ring = wanted ?? asked[0] ?? '';
  if (asked.includes(ring)) return ring;
  throw invalid([{ pointer: '/query/ring', message: `the rule is asked in ${asked.join(', ')}` }]);
}

function instantFor(stated: string | null, now: string): string {
  if (stated === null) return now;
  const ms = msOf(stated);
  const message = Number.isNaN(ms) ? 'is not an instant that exists' : 'lies in the future';
  if (!(ms <= msOf(now))) throw invalid([{ pointer: '/query/at', message }]);
  return instant(ms);
}

/** The one that runs there; a service-wide rule and one of a ring name no version, so they need none. */
function versionFor(state: Loaded, ring: string, scope: Scope): string | null {
  const occupant = occupantOf(state.rollout, ring);
  if (occupant !== undefined) return occupant.version;
  if (scope !== 'release') return null;
  throw invalid([{ pointer: '/query/version', message: `say which version: none is live in ${ring}` }]);
}

async function evaluated(ports: Pick<Ports, 'providers' | 'runtime'>, state: Loaded, situation: Situation) {
  const { ask, unaskable } = questionsFor(situation);
  const asked = await askTimed(ports, state.providers, ask, DEADLINE_MS);
  const answers = [...asked, ...unaskable.map((measured) => ({ measured, milliseconds: 0 }))];
  const facts: Facts = { ...situation, measurements: answers.map(({ measured }) => measured) };
  const finding = evaluateGate(facts).findings.find(({ check }) => check === 'rule');
  if (finding === undefined) throw new Error('a rule has given no finding');
  return { answers, finding };
}

function queriesOf(situation: Situation, answers: readonly TimedMeasured[]): readonly PreviewQuery[] {
  const samples = probesFor(sceneOf(situation)).flatMap(everySample);
  const windows = new Map(
    samples.flatMap((sample) =>
      sample.asked.flatMap(({ id, term }) =>
        [id, term?.series?.id ?? id].map((each) => [each, windowText(sample)] as const),
      ),
    ),
  );
  return answers.map(({ measured: { id, part, at, query, measurement, infos }, milliseconds }) => ({
    ...{ part, window: windows.get(id) ?? null, at, query, measurement, infos, milliseconds },
  }));
}
