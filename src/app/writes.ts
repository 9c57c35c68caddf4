import type { Rollout } from '../domain/life.ts';
import type { Write } from './ports.ts';

/** The rows of a rollout that have to be written. */
export function writesOf(service: string, changes: Rollout): readonly Write[] {
  return [
    ...changes.lives.map((life): Write => ({ kind: 'put-life', service, life })),
    ...changes.releases.map((release): Write => ({ kind: 'put-release', service, release })),
  ];
}
