import { join } from 'node:path';
import { newFolder } from './folder.ts';
import { GateSetUp } from './gate-set-up.ts';
import { startLoad } from './measure.ts';
import type { Options } from './options.ts';
import { type Scenario, setUpScenarios } from './scenarios.ts';
import { type ServerProcess, startRinggate } from './server-process.ts';
import { median } from './statistics.ts';
import { printTable, whole } from './table.ts';

const ENDS = ['SIGTERM', 'SIGKILL'] as const;

/** From starting the process to its first decision, with the embedded database and decisions already in it. */
export async function embeddedStart(options: Options): Promise<void> {
  const env = { DATA_DIR: join(newFolder(), 'data') };
  let ringgate = await startRinggate(env);
  const scenarios = await setUpScenarios(new GateSetUp(ringgate.port), options.services);
  const [waiting] = scenarios as [Scenario];
  const rest = ringgate.memory().now;
  const answered = await fill(ringgate, waiting, options);
  const { now, most } = ringgate.memory();
  const rows: string[][] = [];
  for (const signal of ENDS) {
    const times: number[] = [];
    for (let run = 0; run < (options.short ? 1 : 5); run += 1) {
      await ringgate.stop(signal);
      const begun = performance.now();
      ringgate = await startRinggate(env);
      await new GateSetUp(ringgate.port).ask(waiting.paths[0] ?? '', waiting.verdict);
      times.push(performance.now() - begun);
    }
    rows.push([signal, String(answered), whole(median(times)), whole(Math.max(...times))]);
  }
  await ringgate.stop();
  printTable(
    'Embedded database: start to first answered gate',
    ['ended before by', 'decisions', 'median ms', 'slowest ms'],
    rows,
  );
  printTable(
    'Memory with the embedded database, MiB',
    ['at rest', 'after the load', 'most'],
    [[rest, now, most].map(whole)],
  );
}

/** Records decisions for a while and gives their number. */
async function fill(ringgate: ServerProcess, { paths, status, verdict }: Scenario, options: Options): Promise<number> {
  const gate = new GateSetUp(ringgate.port);
  const requests = paths.map((path) => gate.request(path));
  const measureMs = options.short ? 200 : 15_000;
  const load = await startLoad()({
    port: ringgate.port,
    requests,
    callers: 32,
    warmUpMs: 0,
    measureMs,
    status,
    verdict,
  });
  return load.answered;
}
