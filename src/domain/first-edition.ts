import type { Edition } from './edition.ts';
import type { Life, Rollout } from './life.ts';
import { hasLease, isLive, isProof, newestLife, standing } from './lives.ts';
import { endLife, putLife } from './transitions.ts';

/**
 * How lives were read in facts of edition 1, for their replay: a promise ended with its lease, a proof lasted for
 * ever, a ring passed by an override wanted nothing, nobody was overtaken but by being deployed over, and
 * whoever had asked could stand behind an override.
 */
export const FIRST_EDITION: Edition = {
  termsOf: ({ deployments }) => ({
    deployments,
    deploymentTimeoutMs: 0,
    proofForMs: 100 * 365 * 86_400_000,
    standsBy: stoodBy,
  }),
  assume: assumed,
  skippedRingsHold: false,
  overtakenHolds: false,
  namesEarlierEnds: true,
  endsWithDeployment: true,
  askersAreNoSeconds: false,
};

/** A life that the gate had let in stood until another one did; one that it had not let in, only while it ran. */
function stoodBy(rollout: Rollout, version: string, ring: string): Life | undefined {
  const counted = standing(rollout, version, ring);
  if (counted !== undefined && (isLive(counted) || isProof(counted))) return counted;
  return rollout.lives.find((life) => life.version === version && life.ring === ring && isLive(life)) ?? counted;
}

/** Only a lease that stood was taken for a deployment, over whoever ran there. */
function assumed(rollout: Rollout, version: string, ring: string, at: string): Rollout {
  const life = newestLife(rollout, version, ring);
  if (life === undefined || !hasLease(life, at)) return rollout;
  const others = rollout.lives.filter((other) => other !== life && other.ring === ring && isLive(other));
  const newer = others.find((other) => other.version !== version && (other.liveAt ?? '') > at);
  const begun: Life = { ...life, phase: 'live', origin: 'gated', liveAt: at, reason: null };
  if (newer !== undefined) return putLife(rollout, endLife(begun, 'superseded', newer.liveAt ?? at, null));
  return putLife(
    others.reduce((state, other) => putLife(state, endLife(other, 'superseded', at, null)), rollout),
    begun,
  );
}
