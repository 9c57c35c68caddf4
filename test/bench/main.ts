import { bounded } from './cleanups.ts';
import { embeddedStart } from './embedded-start.ts';
import { type Options, type Part, readOptions } from './options.ts';
import { prometheusLatency } from './prometheus-latency.ts';
import { sloLatency } from './slo-latency.ts';
import { throughput } from './throughput.ts';

const MOST_MINUTES = 20;

const RUNS: Readonly<Record<Part, (options: Options) => Promise<void>>> = {
  throughput,
  prometheus: prometheusLatency,
  slo: sloLatency,
  start: embeddedStart,
};

const options = readOptions(process.argv.slice(2));
process.exitCode = await bounded(async () => {
  for (const part of options.parts) await RUNS[part](options);
}, MOST_MINUTES);
