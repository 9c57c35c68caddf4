import type { Rollout } from './life.ts';
import { releaseState } from './lives.ts';
import { putRelease } from './transitions.ts';

/**
 * The artifact is what tells one build of a version from another: a digest, or a commit. What is stated
 * first is fixed for the release, whatever becomes of its lives: another build is another version.
 */
export function fixArtifact(rollout: Rollout, version: string, stated: string | null): Rollout {
  const release = releaseState(rollout, version);
  return stated === null || release.artifact !== null ? rollout : putRelease(rollout, { ...release, artifact: stated });
}

/** A commit as an artifact. */
export function commitArtifact(sha: string): string {
  return `commit:${sha}`;
}

/** The artifact that the release was fixed to, when another one is stated now; else null. Leaving it out contradicts nothing. */
export function contradicted(rollout: Rollout, version: string, stated: string | null): string | null {
  const { artifact } = releaseState(rollout, version);
  return stated === null || stated === artifact ? null : artifact;
}
