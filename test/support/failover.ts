import { randomUUID } from 'node:crypto';
import { openStore } from '../../src/storage/store.ts';
import type { TestEngine } from './engines.ts';
import { type Gate, startGate } from './gate.ts';
import { type PostgresServer, type Standby, startPostgresServer, startStandbyOf } from './postgres-server.ts';
import { type SwitchingProxy, startSwitchingProxy } from './switching-proxy.ts';

/** A gate behind a proxy, before a primary and an asynchronous standby, and what its users do. */
export interface Failover {
  readonly primary: PostgresServer;
  readonly standby: Standby;
  readonly proxy: SwitchingProxy;
  readonly gate: Gate;
  stop(): Promise<void>;
}

export async function startFailover(): Promise<Failover> {
  const primary = await startPostgresServer();
  const standby = await startStandbyOf(primary);
  const proxy = await startSwitchingProxy(primary.url);
  const gate = await startGate(engineAt(proxy.url));
  return {
    primary,
    standby,
    proxy,
    gate,
    async stop() {
      await gate.stop();
      proxy.close();
      await standby.stop();
      await primary.stop();
    },
  };
}

/** A database that the test has made itself; `destroy` closes what was opened on it. */
export function engineAt(databaseUrl: string): TestEngine {
  // What is cached for seconds stays so for minutes, however long a failover takes on a busy machine.
  const monotonicMs = () => performance.now() / 100;
  const opened: { close(): Promise<void> }[] = [];
  return {
    kind: 'postgres',
    databaseUrl,
    dataDir: '',
    async open(overrides = {}) {
      const store = await openStore({ databaseUrl, dataDir: '', newId: randomUUID, monotonicMs, ...overrides });
      opened.push(store);
      return store;
    },
    async destroy() {
      for (const store of opened) await store.close();
    },
  };
}
