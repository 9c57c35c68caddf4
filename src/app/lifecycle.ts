import type { Ports } from './ports.ts';
import { newEntry } from './record.ts';

/** What the service was started with. The configuration only as a hash: it is compared, never read back. */
export interface StartDetails {
  readonly host: string;
  readonly port: number;
  /** `pglite` or `postgres`. */
  readonly engine: string;
  readonly configHash: string;
}

/** Puts the start on record, so that a gap in the log can be told from a service that was not running. */
export async function recordStart(
  ports: Pick<Ports, 'store' | 'runtime' | 'origin' | 'gateVersion'>,
  details: StartDetails,
): Promise<void> {
  const { host, port, engine, configHash } = details;
  const fields = { kind: 'service-start', at: await ports.store.now(), host, port, engine, configHash };
  await ports.store.append({ entry: newEntry(ports, null, fields), expects: {}, raises: [], writes: [] });
}
