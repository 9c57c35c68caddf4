import { type Front, startFront } from './front.ts';
import type { RecipeGate } from './recipe-gate.ts';
import { aWorkspace, type Variables, type Workspace } from './workspace.ts';

/** What one test of a recipe needs for itself, so that tests which mostly wait can wait at the same time. */
export interface Scene {
  readonly service: string;
  readonly front: Front;
  readonly workspace: Workspace;
  /** With the functions of `gate.sh` at hand, for this version of the service. */
  run(script: string, version: string, more?: Variables): ReturnType<Workspace['run']>;
}

let counted = 0;

/** A service of its own behind a front of its own, with a folder of its own; all of it ends with the test. */
export async function aScene(gate: RecipeGate, onTestFinished: (end: () => void) => void): Promise<Scene> {
  counted += 1;
  const service = `scene-${counted}`;
  await gate.service(service);
  const front = await startFront(gate.url);
  const workspace = aWorkspace(front.url);
  onTestFinished(() => {
    front.stop();
    workspace.remove();
  });
  return {
    service,
    front,
    workspace,
    run: (script, version, more = {}) =>
      workspace.run(`. ./gate.sh; ${script}`, { RELEASE: `${service}@${version}`, ...more }),
  };
}
