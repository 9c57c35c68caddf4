import { chmodSync, chownSync, cpSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { runIn } from './clean-shell.ts';
import { copyOf, type Instruction, ignoredBy, lastOf, parseDockerfile, type Stage } from './dockerfile.ts';

/** A stage as it is after its last instruction: a folder that stands for `/`. */
export interface ReplayedStage {
  readonly stage: Stage;
  readonly root: string;
  /** Where the last WORKDIR is inside `root`. */
  readonly workdir: string;
}

const isRoot = process.getuid?.() === 0;

/**
 * Does what a build would do, without an engine: each stage gets an empty folder instead of a file system, COPY copies
 * from the build context or from an earlier folder, RUN runs in the WORKDIR. The base image is the machine that this
 * runs on, with the Node that the tests run on.
 */
export async function replayDockerfile(context: string, into: string): Promise<readonly ReplayedStage[]> {
  const done: ReplayedStage[] = [];
  for (const [i, stage] of parseDockerfile(readFileSync(join(context, 'docker/Dockerfile'), 'utf8')).entries()) {
    const root = join(into, `stage-${i}`);
    mkdirSync(root);
    chmodSync(root, 0o755);
    let workdir = root;
    for (const instruction of stage.instructions) {
      if (instruction.name === 'WORKDIR') {
        workdir = resolve(root, `.${instruction.text}`);
        mkdirSync(workdir, { recursive: true });
      }
      if (instruction.name === 'COPY') copy(instruction, { context, root, workdir, earlier: done });
      if (instruction.name === 'RUN') await runLine(instruction.text, workdir);
    }
    done.push({ stage, root, workdir });
  }
  return done;
}

interface Place {
  readonly context: string;
  readonly root: string;
  readonly workdir: string;
  readonly earlier: readonly ReplayedStage[];
}

function copy(instruction: Instruction, { context, root, workdir, earlier }: Place): void {
  const { sources, to } = copyOf(instruction);
  const from = earlier.find(({ stage }) => stage.name === instruction.flags.from);
  const base = from?.root ?? context;
  const ignored = from === undefined ? ignoredBy(readFileSync(join(context, '.dockerignore'), 'utf8')) : () => false;
  const target = to.startsWith('/') ? join(root, to) : join(workdir, to);
  for (const source of sources.map((each) => join(base, each))) {
    const folder = statSync(source).isDirectory();
    const end = folder || !to.endsWith('/') ? target : join(target, basename(source));
    mkdirSync(folder ? end : dirname(end), { recursive: true });
    const filter = (path: string) => path === source || !ignored(relative(base, path));
    cpSync(source, end, { recursive: true, verbatimSymlinks: true, filter });
  }
  const owner = instruction.flags.chown?.split(':').map(Number);
  if (owner !== undefined && isRoot) chownAll(target, owner[0] ?? 0, owner[1] ?? 0);
}

function chownAll(path: string, uid: number, gid: number): void {
  chownSync(path, uid, gid);
  if (statSync(path).isDirectory()) for (const name of readdirSync(path)) chownAll(join(path, name), uid, gid);
}

async function runLine(line: string, cwd: string): Promise<void> {
  const { code, output } = await runIn(cwd, ['sh', '-c', line]);
  if (code !== 0) throw new Error(`RUN ${line} ended with ${code}\n${output}`);
}

/** The user that a stage runs as, where this process may become another one. */
export function userOf(stage: Stage): { readonly uid?: number; readonly gid?: number } {
  const [uid, gid] = (lastOf(stage, 'USER')?.text ?? '').split(':').map(Number);
  return isRoot && uid !== undefined && gid !== undefined ? { uid, gid } : {};
}
