import type { Finding } from './finding.ts';
import { after } from './instant.ts';
import { hasLease, LEASE_MS, newestLife } from './lives.ts';
import { closesAfter } from './opening.ts';
import type { Scene } from './scene.ts';

/** A lease that was renewed so lately is not renewed again. */
const RENEWAL_MS = 60_000;

/**
 * Until when a promise to enter stands: a lease, cut short by the freeze that begins before, by the
 * end of the allow window, or by the expiry of an override that it leans on. One that was renewed
 * within the last minute stands as it is, so that a herd of asks writes nothing.
 */
export function leaseUntil(scene: Scene, findings: readonly Finding[]): string {
  const cuts = [closesAfter(scene.situation, scene.at), ...expiries(scene, findings)].filter((cut) => cut !== null);
  return [standingLease(scene), ...cuts].sort()[0] as string;
}

function standingLease(scene: Scene): string {
  const newest = newestLife(scene.rollout, scene.version, scene.ring.name);
  const until = newest !== undefined && hasLease(newest, scene.at) ? newest.leaseUntil : null;
  return until !== null && until >= after(scene.at, LEASE_MS - RENEWAL_MS) ? until : after(scene.at, LEASE_MS);
}

function expiries(scene: Scene, findings: readonly Finding[]): readonly string[] {
  const used = new Set(findings.map(({ waivedBy }) => waivedBy));
  const overrides = scene.situation.controls?.overrides ?? [];
  return overrides.filter(({ id }) => used.has(id)).map(({ expiresAt }) => expiresAt);
}
