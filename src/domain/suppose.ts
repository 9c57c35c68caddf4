import { EDITION, type Situation } from './facts.ts';
import { after } from './instant.ts';
import type { Life, Rollout } from './life.ts';
import { releaseState } from './lives.ts';
import type { RuleDocument, Scope } from './rule.ts';

/** One rule to be tried on one ring, as if the version ran there at `at`. */
export interface Supposition {
  readonly service: string;
  readonly version: string;
  readonly ring: string;
  readonly at: string;
  readonly rule: { readonly name: string; readonly rule: RuleDocument };
  readonly scope: Scope;
}

/** What a supposed release's life begins before: longer ago than any window and any `promoteAfter`. */
const LONG_MS = 10 * 365 * 86_400_000;

/**
 * The situation in which a rule is tried: what is known, with this one rule, asked in this one ring.
 * When the version runs there at that instant its own life counts; otherwise one that began long ago
 * is supposed, so that every window is as long as the rule says.
 */
export function suppose(
  known: Pick<Situation, 'service' | 'providers' | 'rollout'>,
  { service, version, ring, at, rule, scope }: Supposition,
): { readonly situation: Situation; readonly life: { readonly since: string; readonly supposed: boolean } } {
  const own = lifeAt(known.rollout, version, ring, at);
  const life = asLive(own ?? supposedLife(known.rollout, version, ring, at));
  const others = known.rollout.lives.filter((each) => each !== own && (each.liveAt ?? each.promisedAt ?? at) <= at);
  const { measuredIn: _, guards: __, ...rest } = rule.rule;
  const here = scope === 'service' ? { ...rest, guards: [ring] } : { ...rest, measuredIn: [ring] };
  const question = {
    ...{ service, version, ring },
    stage: scope === 'service' ? ('enter' as const) : ('exit' as const),
    ...{ change: 'standard', dryRun: true, artifact: null, mayDeploy: false },
  };
  const rollout = { ...known.rollout, lives: [...others, life] };
  return {
    situation: { v: EDITION, ...known, question, at, rules: [{ name: rule.name, rule: here }], rollout },
    life: { since: life.liveAt ?? at, supposed: own === undefined },
  };
}

/** The life in which the version ran in the ring at that instant. */
function lifeAt(rollout: Rollout, version: string, ring: string, at: string): Life | undefined {
  return rollout.lives
    .filter((life) => life.version === version && life.ring === ring)
    .find(({ liveAt, endedAt }) => liveAt !== null && liveAt <= at && (endedAt === null || endedAt > at));
}

/** Not proven and not ended: what it has shown since then is not yet known. */
function asLive(life: Life): Life {
  return { ...life, phase: 'live', end: null, endedAt: null, provenAt: null, provenBy: null };
}

function supposedLife(rollout: Rollout, version: string, ring: string, at: string): Life {
  const before = rollout.lives.filter((life) => life.version === version && life.ring === ring);
  const since = after(at, -LONG_MS);
  return {
    ...{ version, ring, n: 1 + Math.max(0, ...before.map((life) => life.n)) },
    epoch: releaseState(rollout, version).epoch,
    ...{ phase: 'live', end: null, origin: 'gated' },
    ...{ promisedAt: since, leaseUntil: null, liveAt: since, provenAt: null, endedAt: null },
    ...{ report: null, reportedAt: null, enteredBy: null, provenBy: null, reason: null },
  };
}
