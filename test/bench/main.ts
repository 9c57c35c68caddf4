import { bounded } from './cleanups.ts';
import { type Options, type Part, readOptions } from './options.ts';
import { throughput } from './throughput.ts';

const MOST_MINUTES = 30;

const RUNS: Readonly<Record<Part, (options: Options) => Promise<void>>> = { throughput };

const options = readOptions(process.argv.slice(2));
process.exitCode = await bounded(async () => {
  for (const part of options.parts) await RUNS[part](options);
}, MOST_MINUTES);
