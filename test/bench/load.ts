import { setTimeout as sleep } from 'node:timers/promises';
import { Connection, type RawAnswer } from './connection.ts';
import type { Job, Load } from './measure.ts';
import { percentile } from './statistics.ts';

/** How long the last answers may take before what is missing counts as a failure. */
const SETTLE_MS = 30_000;

/** The process that asks. Each caller has a connection of its own and asks again as soon as it has its answer. */
process.on('message', (job: Job) => {
  run(job).then(
    (load) => process.send?.({ load }),
    (error) => process.send?.({ error: String(error) }),
  );
});

async function run(job: Job): Promise<Load> {
  const from = performance.now() + job.warmUpMs;
  const to = from + job.measureMs;
  const tally = {
    times: [] as number[],
    refused: 0,
    failures: 0,
    example: null as string | null,
    bytes: 0,
    open: 0,
    answered: 0,
  };
  const calls = Array.from({ length: job.callers }, (_, caller) => call(job, caller, from, to, tally));
  await Promise.race([Promise.all(calls), sleep(job.warmUpMs + job.measureMs + SETTLE_MS, null, { ref: false })]);
  if (tally.open > 0) throw new Error(`${tally.open} requests were not answered`);
  tally.times.sort((a, b) => a - b);
  return {
    perSecond: tally.times.length / (job.measureMs / 1000),
    p50: percentile(tally.times, 0.5),
    p99: percentile(tally.times, 0.99),
    answered: tally.answered,
    refused: tally.refused,
    failures: tally.failures,
    example: tally.example,
    bytes: tally.bytes / Math.max(1, tally.times.length),
  };
}

type Tally = {
  times: number[];
  refused: number;
  failures: number;
  example: string | null;
  bytes: number;
  open: number;
  answered: number;
};

async function call(job: Job, caller: number, from: number, to: number, tally: Tally): Promise<void> {
  const connection = new Connection(job.port);
  try {
    for (let turn = caller; ; turn += 1) {
      const begun = performance.now();
      if (begun >= to) return;
      tally.open += 1;
      const answer = await connection.ask(job.requests[turn % job.requests.length] ?? '');
      tally.open -= 1;
      tally.answered += 1;
      const now = performance.now();
      if (answer.status === 503) {
        tally.refused += 1;
        continue;
      }
      if (!isExpected(job, answer)) {
        tally.failures += 1;
        tally.example ??= `${answer.status} ${answer.verdict} ${answer.body.toString('utf8').slice(0, 300)}`;
      }
      if (begun < from || now > to) continue;
      tally.times.push(now - begun);
      tally.bytes += answer.body.length;
    }
  } finally {
    connection.close();
  }
}

function isExpected({ status, verdict }: Job, answer: RawAnswer): boolean {
  return answer.status === status && answer.verdict === verdict && answer.body.length > 0;
}
