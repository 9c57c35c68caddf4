import { unwantedIn } from '../domain/audit/plain-text.ts';
import { type FieldError, GateError, invalid } from '../domain/errors.ts';
import type { FreezeDocument } from '../domain/freeze.ts';
import { checkFreeze } from '../domain/freeze-check.ts';
import { checkPlan } from '../domain/plan-check.ts';
import { formatRelease } from '../domain/release.ts';
import type { RuleDocument } from '../domain/rule.ts';
import { queryFaults } from '../domain/rule-queries.ts';
import { type Plan, planOf, type ServiceDocument } from '../domain/service.ts';
import { freezeWarnings } from './freeze-warnings.ts';
import { checkGithubApp, githubWarnings } from './github-app-check.ts';
import { noService } from './no-service.ts';
import type { ServiceReader } from './pending-configs.ts';
import { warningsFor } from './plan-warnings.ts';
import type { ConfigKey, GateState, GithubAppDocument, ProviderDocument, Store } from './ports.ts';
import { checkProviderDocument } from './provider-check.ts';
import { type NamedRule, providersIn, rulesUsing, standingLives } from './references.ts';
import { foreignQueries, ruleErrors } from './rule-errors.ts';
import { statedWindowWarnings } from './window-warnings.ts';

/**
 * What must hold before a configuration may be saved or deleted, so that everything that refers to
 * something finds it there. A rule or plan that begins to ask a provider also raises `global`: that
 * is the number which the deletion of a provider goes by, so the two can never miss each other.
 */
export interface Inspected {
  readonly raises: readonly string[];
  readonly warnings: readonly string[];
}

/** @throws GateError `invalid-request` with every error at once, `not-found`, `in-use`. */
export async function inspectPut(store: Store, key: ConfigKey, document: unknown): Promise<Inspected> {
  if (key.kind === 'freeze') return inspectFreeze(store, document as FreezeDocument);
  if (key.kind === 'service' || key.kind === 'rule') return inspectOfService(store, key, document);
  refuse(unwantedIn(document));
  if (key.kind === 'github') return inspectGithub(store, document as GithubAppDocument);
  return inspectProvider(store, key.name, document as ProviderDocument);
}

/**
 * The same for a service or a rule. What `store` shows may be ahead of what is saved; then `raises` is not to be used.
 * @throws GateError `invalid-request` with every error at once, `not-found`, `in-use`.
 */
export async function inspectOfService(store: ServiceReader, key: ConfigKey, document: unknown): Promise<Inspected> {
  refuse(unwantedIn(document));
  if (key.kind === 'rule') return inspectRule(store, key, document as RuleDocument);
  return inspectService(store, key.name, document as ServiceDocument);
}

/** @throws GateError `in-use` naming the users. */
export async function inspectDelete(store: Store, key: ConfigKey): Promise<Inspected> {
  if (key.kind === 'provider') {
    const users = (await rulesUsing(store, key.name)).map(({ service, name }) => `the rule ${service}/${name}`);
    refuseUse(`the provider ${key.name} is in use`, users);
  }
  if (key.kind === 'service') {
    const state = await store.gateState(key.name, '');
    const standing = await releasesStanding(store, key.name, state.now, () => true);
    const users = [...state.rules.map(({ name }) => `the rule ${key.name}/${name}`), ...standing];
    refuseUse(`the service ${key.name} is in use`, users);
  }
  return { raises: [isGlobal(key) ? 'global' : scopeOfKey(key)], warnings: [] };
}

async function inspectGithub(store: Store, document: GithubAppDocument): Promise<Inspected> {
  refuse(checkGithubApp(document));
  return { raises: ['global'], warnings: await githubWarnings(store, document) };
}

/** Providers and freezes may concern every service; an app has no scope of its own to tell two changes at once apart. */
function isGlobal({ kind }: ConfigKey): boolean {
  return kind === 'provider' || kind === 'freeze' || kind === 'github';
}

/** @throws GateError `invalid-request` with every error at once. */
export function requireFreeze(document: FreezeDocument): void {
  refuse(unwantedIn(document));
  refuse(checkFreeze(document));
}

async function inspectFreeze(store: Store, document: FreezeDocument): Promise<Inspected> {
  requireFreeze(document);
  return { raises: ['global'], warnings: await freezeWarnings(store, document) };
}

/** Another kind of provider speaks another language: the rules that ask it must still be understood. */
async function inspectProvider(store: Store, name: string, provider: ProviderDocument): Promise<Inspected> {
  refuse(checkProviderDocument(provider));
  const users = (await rulesUsing(store, name)).flatMap(({ service, name: rule, rule: document, plan }) => {
    const foreign = plan === undefined ? [] : foreignQueries(document, plan, [{ name, provider }]);
    return foreign.map(({ pointer, message }) => `the rule ${service}/${rule}: ${pointer}: ${message}`);
  });
  refuseUse(`the provider ${name} is in use by rules that it could no longer be asked for`, users);
  return { raises: ['global'], warnings: [] };
}

async function inspectRule(store: ServiceReader, key: ConfigKey, rule: RuleDocument): Promise<Inspected> {
  const state = await store.gateState(key.owner, '');
  if (state.service === null) throw noService(key.owner);
  const plan = planOf(state.service);
  refuse(ruleErrors(rule, plan, state.providers));
  const rules = [...state.rules.filter(({ name }) => name !== key.name), { name: key.name, rule }];
  return { raises: raisesFor(key, state, plan, rules), warnings: warningsOf(plan, rules, state) };
}

async function inspectService(store: ServiceReader, name: string, document: ServiceDocument): Promise<Inspected> {
  refuse(checkPlan(document));
  const state = await store.gateState(name, '');
  const plan = planOf(document);
  const kept = new Set(plan.rings.map((ring) => ring.name));
  const users = [
    ...state.rules.flatMap((named) => brokenBy(name, named, plan, state)),
    ...(await releasesStanding(store, name, state.now, (ring) => !kept.has(ring))),
  ];
  refuseUse(`what the plan of ${name} no longer offers is in use`, users);
  const raises = raisesFor({ kind: 'service', owner: '', name }, state, plan, state.rules);
  return { raises, warnings: warningsOf(plan, state.rules, state) };
}

function warningsOf(plan: Plan, rules: readonly NamedRule[], { providers }: GateState): readonly string[] {
  return [...warningsFor(plan, rules), ...statedWindowWarnings(plan, rules, providers)];
}

/** A query that is refused under the plan that stands, because it was saved before such ones were, is not the new one's fault. */
function brokenBy(
  service: string,
  { name, rule }: NamedRule,
  plan: Plan,
  { service: before, providers }: GateState,
): readonly string[] {
  const faults = before === null ? [] : queryFaults(rule, planOf(before));
  const anyway = new Set(faults.map(({ message }) => message));
  return ruleErrors(rule, plan, providers)
    .filter(({ message }) => !anyway.has(message))
    .map((error) => `the rule ${service}/${name}: ${error.pointer}: ${error.message}`);
}

async function releasesStanding(
  store: ServiceReader,
  service: string,
  now: string,
  inRing: (ring: string) => boolean,
): Promise<readonly string[]> {
  const lives = standingLives(await store.lives(service, null), now).filter((life) => inRing(life.ring));
  return lives.map(({ version, ring, phase }) => {
    const how = phase === 'promised' ? 'has a promise to enter' : 'is live in';
    return `${formatRelease({ service, version })} ${how} ${ring}`;
  });
}

function raisesFor(key: ConfigKey, state: GateState, plan: Plan, rules: readonly NamedRule[]): readonly string[] {
  const before = providersIn(state.service === null ? null : planOf(state.service), state.rules);
  const begins = [...providersIn(plan, rules)].some((provider) => !before.has(provider));
  return begins ? [scopeOfKey(key), 'global'] : [scopeOfKey(key)];
}

function scopeOfKey(key: ConfigKey): string {
  return `service/${key.kind === 'rule' ? key.owner : key.name}`;
}

function refuse(errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid(errors);
}

function refuseUse(what: string, users: readonly string[]): void {
  if (users.length === 0) return;
  const errors = users.map((message) => ({ pointer: '', message }));
  throw new GateError('in-use', `${what}: ${users.join('; ')}`, errors);
}
