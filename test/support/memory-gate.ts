/** The whole application over HTTP on a store in memory whose clock stands still, with callers who need no token. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import type { MetricProviders } from '../../src/app/ports.ts';
import { loadConfig } from '../../src/config.ts';
import { createContext, systemRuntime } from '../../src/context.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { contract } from './contract.ts';
import { request } from './gate.ts';
import { MemoryStore } from './memory-store.ts';

export interface MemoryGate {
  readonly store: MemoryStore;
  call(method: string, path: string, body?: unknown): ReturnType<typeof request>;
  put(path: string, body: unknown): Promise<void>;
  stop(): Promise<void>;
}

export async function startMemoryGate(providers?: MetricProviders): Promise<MemoryGate> {
  const { config, secrets } = loadConfig({ PORT: '0' });
  const store = new MemoryStore();
  const opened = Object.assign(store, { poolStats: () => ({ total: 0, idle: 0, waiting: 0 }) });
  // Durations stand still with the store's clock: a bucket is not over because a busy machine is slow.
  const runtime = { ...systemRuntime(), monotonicMs: () => 0 };
  const overrides = { store: opened, runtime, contract, log: createLog('silent'), ...(providers && { providers }) };
  const { app } = await createContext({ config, secrets, overrides });
  const server = createServer(app);
  // Thousands may call at once: none is to be turned away before it was heard.
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const call: MemoryGate['call'] = (method, path, body) => request(url, method, path, { body });
  return {
    store,
    call,
    async put(path, body) {
      const { status, body: said } = await call('PUT', path, body);
      expect({ path, status, said }).toMatchObject({ status: expect.toBeOneOf([200, 201]) });
    },
    stop() {
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
