import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import supertest from 'supertest';
import { putConfig } from '../../src/app/catalogue.ts';
import type { Role } from '../../src/app/ports.ts';
import { createToken } from '../../src/app/tokens.ts';
import { createApp, type HttpContext } from '../../src/http/app.ts';
import { contract } from '../support/contract.ts';
import { type MemoryPorts, memoryPorts, requestBy } from '../support/memory-ports.ts';

/** An application over a memory store, with everything it says about itself kept. Answers are checked against openapi.yaml. */
export interface TestApp {
  readonly ports: MemoryPorts;
  readonly app: Express;
  readonly log: HttpContext['log'];
  readonly metrics: HttpContext['metrics'];
  readonly lines: { readonly level: string; readonly obj: Readonly<Record<string, unknown>>; readonly msg: string }[];
  readonly samples: { readonly operationId: string; readonly status: number }[];
  readonly refusals: string[];
  draining: boolean;
  request(): ReturnType<typeof supertest>;
}

export function testApp(overrides: Partial<HttpContext> & { readonly anonymousAllowed?: boolean } = {}): TestApp {
  const lines: TestApp['lines'] = [];
  const samples: TestApp['samples'] = [];
  const refusals: string[] = [];
  const kept = memoryPorts({ anonymousAllowed: overrides.anonymousAllowed ?? true });
  const events = { ...kept.events, refused: ({ reason }: { reason: string }) => void refusals.push(reason) };
  const ports = { ...kept, events };
  const keep = (level: string) => (obj: object, msg: string) => void lines.push({ level, obj: { ...obj }, msg });
  const state = { draining: false };
  const log: HttpContext['log'] = { info: keep('info'), warn: keep('warn'), error: keep('error') };
  const metrics: HttpContext['metrics'] = {
    text: async () => 'up 1\n',
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    request: (operationId, status) => void samples.push({ operationId, status }),
  };
  const app = createApp({
    ports,
    log,
    metrics,
    contract,
    boundHost: '127.0.0.1',
    trustProxy: false,
    isDraining: () => state.draining,
    checkResponses: true,
    ...overrides,
  });
  return Object.assign(state, { ports, app, log, metrics, lines, samples, refusals, request: () => supertest(app) });
}

/** A service with two rings and no rules, so that the first ring promotes and the second holds. */
export async function withCheckout(test: TestApp, enforcement: 'enforce' | 'advise' = 'enforce'): Promise<TestApp> {
  const key = { kind: 'service', owner: '', name: 'checkout' } as const;
  const rings = [
    { name: 'canary', bake: '15m' },
    { name: 'early', bake: '1h' },
  ];
  const options = { ifMatch: null, ifNoneMatch: null, reason: null };
  await putConfig(test.ports, requestBy('configurator'), key, { enforcement, allowUnmeasured: true, rings }, options);
  return test;
}

/** The header of a new token of the role. */
export async function tokenOf(test: TestApp, role: Role): Promise<{ Authorization: string }> {
  const { token } = await createToken(test.ports, null, { name: `a-${role}`, role });
  return { Authorization: `Bearer ${token}` };
}

export interface Raw {
  readonly status: number | undefined;
  readonly allow: string | undefined;
}

/** For methods that supertest does not know and bodies that it would change. */
export async function sendRaw(test: TestApp, method: string, path: string, body?: Buffer): Promise<Raw> {
  const server = test.app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const headers = body === undefined ? {} : { 'content-type': 'application/json', 'content-length': body.length };
  try {
    const sent = httpRequest({ port, method, path, headers, host: '127.0.0.1', agent: false });
    sent.end(body);
    const [res] = (await once(sent, 'response')) as [IncomingMessage];
    await once(res.resume(), 'end');
    return { status: res.statusCode, allow: res.headers.allow };
  } finally {
    server.close();
  }
}
