/** A running gate for acceptance tests: the real application on a real store and port, with a clock that tests move. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import type { GateState, MetricProviders, Role } from '../../src/app/ports.ts';
import { replay } from '../../src/app/replay-decision.ts';
import { loadConfig } from '../../src/config.ts';
import { type Context, createContext } from '../../src/context.ts';
import { createGateServer } from '../../src/http/server.ts';
import type { OpenedStore } from '../../src/storage/store.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { contract } from './contract.ts';
import { collect } from './corpus.ts';
import type { TestEngine } from './engines.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers freely; the contract check has typed them already
  readonly body: any;
}

export interface Gate {
  readonly url: string;
  readonly context: Context;
  readonly tokens: Readonly<Record<Role, string>>;
  call(
    method: string,
    path: string,
    more?: { body?: unknown; as?: Role; headers?: Record<string, string> },
  ): Promise<Answer>;
  /** Moves the gate's clock forward. */
  minutes(count: number): void;
  /** Ends it; every decision it has ever recorded is replayed before. The store stays open for a restart. */
  stop(): Promise<void>;
}

export interface GateOptions {
  readonly port?: number;
  /** Tokens of an earlier gate on the same store. */
  readonly tokens?: Gate['tokens'];
  readonly clock?: { offsetMs: number };
  /** Instead of those that the application builds for itself. */
  readonly providers?: MetricProviders;
  /** Beside what it is started with anyway: secrets, for example. */
  readonly env?: Readonly<Record<string, string>>;
}

export const ROLES: readonly Role[] = ['admin', 'configurator', 'pipeline', 'operator', 'auditor'];

export async function startGate(engine: TestEngine, options: GateOptions = {}): Promise<Gate> {
  const clock = options.clock ?? { offsetMs: 0 };
  const { config, secrets } = loadConfig({ ...options.env, DATA_DIR: engine.dataDir, PORT: '0' });
  const opened = await engine.open();
  const store = shifted(opened, clock);
  const { providers } = options;
  const own = { store, contract, log: createLog('silent'), checkResponses: true };
  const overrides = { ...own, ...(providers && { providers }) };
  const context = await createContext({ config, secrets, overrides });
  const server = createGateServer(context);
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const tokens = options.tokens ?? (await mintTokens(url));
  const call: Gate['call'] = (method, path, more = {}) =>
    request(url, method, path, { ...more, token: tokens[more.as ?? 'pipeline'] });
  return {
    url,
    context,
    tokens,
    call,
    minutes(count) {
      clock.offsetMs += count * 60_000;
    },
    async stop() {
      await replayEverything(opened, context.ports.gateVersion);
      await closeServer(server);
      await opened.close();
    },
  };
}

/** Law 8 over the whole test run: whatever a test made the gate decide must come out again, verdict and bytes. */
async function replayEverything(store: OpenedStore, gateVersion: string): Promise<void> {
  let cursor: string | null = null;
  do {
    const page: { items: readonly { id: string; body: string }[]; next: string | null } = await store.entries(
      { kind: 'decision' },
      { limit: 500, cursor },
    );
    for (const entry of page.items) {
      collect(entry.body);
      expect({ id: entry.id, ...(await replay({ store, gateVersion }, entry.id)) }).toMatchObject({
        verdictIdentical: true,
        bytesIdentical: true,
      });
    }
    cursor = page.next;
  } while (cursor !== null);
}

async function mintTokens(url: string): Promise<Gate['tokens']> {
  const tokens: Partial<Record<Role, string>> = {};
  for (const role of ROLES) {
    const body = { name: `a-${role}`, role, expires: '30d' };
    const answer = await request(url, 'POST', '/tokens', {
      body,
      ...(tokens.admin === undefined ? {} : { token: tokens.admin }),
    });
    if (answer.status !== 201) throw new Error(`no token for ${role}: ${answer.status} ${JSON.stringify(answer.body)}`);
    tokens[role] = answer.body.token;
  }
  return tokens as Gate['tokens'];
}

/** A body that is a text already is sent as it stands when its type says that it is no JSON. */
export async function request(
  url: string,
  method: string,
  path: string,
  more: { body?: unknown; token?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const headers: Record<string, string> = { ...more.headers };
  if (more.token !== undefined) headers.authorization = `Bearer ${more.token}`;
  if (more.body !== undefined) headers['content-type'] ??= 'application/json';
  const init = { method, headers, redirect: 'manual' as const };
  const isText = typeof more.body === 'string' && headers['content-type'] !== 'application/json';
  const body = isText ? String(more.body) : JSON.stringify(more.body);
  const response = await fetch(url + path, more.body === undefined ? init : { ...init, body });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: isJson && text !== '' ? JSON.parse(text) : text };
}

/** The same store with a clock that tests move; what decides is always the store's clock. */
function shifted(store: OpenedStore, clock: { offsetMs: number }): OpenedStore {
  const move = (at: string) => new Date(Date.parse(at) + clock.offsetMs).toISOString();
  const overrides: Partial<OpenedStore> = {
    now: async () => move(await store.now()),
    async gateState(service, version): Promise<GateState> {
      const state = await store.gateState(service, version);
      return { ...state, now: move(state.now) };
    },
    close: async () => undefined,
  };
  return new Proxy(store, {
    get(target, name) {
      const own = overrides[name as keyof OpenedStore] ?? Reflect.get(target, name);
      return typeof own === 'function' ? own.bind(target) : own;
    },
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
