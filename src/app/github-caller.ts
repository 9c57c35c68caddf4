import type { Principal } from './ports.ts';

/** GitHub, as far as an app speaks for it: it asks and deploys like a pipeline, and no more. */
export function githubCaller(app: string): Principal {
  return { kind: 'github', id: app, name: `github/${app}`, roles: ['pipeline'], changes: ['standard'] };
}
