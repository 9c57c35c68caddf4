import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { requireBinary } from './binaries.ts';

/** One run of the recipes for Jenkins in test/support/jenkins-pipeline.groovy: of the Jenkinsfile, or with `settings` of the step alone. */
export interface JenkinsCase {
  readonly name: string;
  readonly token: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, string>>;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly givesUpAfterMs?: number;
  /** Pieces of the library and what stands in their place. */
  readonly edits?: readonly (readonly [from: string, to: string])[];
}

export interface JenkinsRun {
  readonly name: string;
  /** `done`, or what the build failed with. */
  readonly ended: string;
  readonly ran: readonly string[];
  readonly stages: readonly string[];
  readonly said: readonly string[];
  /** How long it has slept. */
  readonly seconds: number;
}

/** All of them in one Java machine, one after the other. */
export async function runJenkins(cases: readonly JenkinsCase[]): Promise<ReadonlyMap<string, JenkinsRun>> {
  const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  const args = [here('jenkins-pipeline.groovy'), here('../../docker/recipes/jenkins')];
  // Debian's start script looks for a Java in one place only, where it need not be.
  const home = dirname(dirname(realpathSync(requireBinary('java'))));
  // It lives for seconds: what is compiled twice never pays.
  const env = { ...process.env, JAVA_HOME: home, JAVA_OPTS: '-XX:TieredStopAtLevel=1 -Xmx256m' };
  const child = spawn(requireBinary('groovy'), args, { env });
  child.stdin.end(JSON.stringify(cases));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const line = out.trim().split('\n').at(-1) ?? '';
  if (!line.startsWith('[')) throw new Error(`groovy has failed:\n${out}${err}`);
  return new Map((JSON.parse(line) as JenkinsRun[]).map((run) => [run.name, run]));
}
