import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { atEnd } from './cleanups.ts';

/** What the process that asks has to do. */
export interface Job {
  readonly port: number;
  /** Texts of requests; callers take turns through them, each beginning at another one. */
  readonly requests: readonly string[];
  readonly callers: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** What every answer must be; any other one is a failure. */
  readonly status: number;
  readonly verdict: string | null;
}

/** Times in milliseconds, from sending a request to having read all of its answer. */
export interface Load {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** All answers, those of the warm-up included. */
  readonly answered: number;
  /** Answers with 503: more was asked than could be answered in time. They count as neither answered nor failed. */
  readonly refused: number;
  readonly failures: number;
  /** One of the failures. */
  readonly example: string | null;
  /** Mean length of an answer's body. */
  readonly bytes: number;
}

export type Measure = (job: Job) => Promise<Load>;

/** Starts the process that asks. Measuring throws when an answer was not what it had to be. */
export function startLoad(): Measure {
  const child = fork(fileURLToPath(new URL('load.ts', import.meta.url)));
  atEnd(() => void child.kill('SIGKILL'));
  return (job) => measure(child, job);
}

async function measure(child: ChildProcess, job: Job): Promise<Load> {
  child.send(job);
  const [{ load, error }] = (await once(child, 'message')) as [{ load?: Load; error?: string }];
  if (load === undefined) throw new Error(error);
  if (load.failures > 0) throw new Error(`${load.failures} answers were not as expected, such as ${load.example}`);
  return load;
}
