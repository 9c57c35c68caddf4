import { join } from 'node:path';
import { createDatabase } from '../support/databases.ts';
import { startPostgresServer } from '../support/postgres-server.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { atEnd } from './cleanups.ts';
import { newFolder } from './folder.ts';
import { GateSetUp } from './gate-set-up.ts';
import { backfill } from './prometheus-data.ts';
import { startRinggate } from './server-process.ts';

/** A gate on PostgreSQL beside a real Prometheus with a history of these services. */
export async function gateBesidePrometheus(services: Parameters<typeof backfill>[2]) {
  const folder = newFolder();
  const dataDir = join(folder, 'data');
  backfill(dataDir, folder, services);
  const prometheus = await startPrometheus({ dataDir });
  atEnd(() => prometheus.stop());
  const postgres = await startPostgresServer();
  atEnd(() => postgres.stop());
  const ringgate = await startRinggate({ DATABASE_URL: (await createDatabase(postgres.url)).url });
  return { prometheus, ringgate, gate: new GateSetUp(ringgate.port) };
}
