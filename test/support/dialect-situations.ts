/** What a client may come upon when it asks whether a release may enter the ring `early`: one release for each. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GateError } from '../../src/domain/errors.ts';
import type { aService } from './builders.ts';
import { type Gate, request } from './gate.ts';
import { aPipeline, type Pipeline } from './pipeline.ts';

export interface Situation {
  /** What the gate tells, and how a hold clears; null where it tells nothing at all. */
  readonly told: 'promote' | 'hold' | 'rollback' | null;
  readonly clears?: 'by-time' | 'by-data' | 'by-person' | 'never';
  readonly url: string;
  readonly path: string;
  readonly query?: string;
  readonly token: string;
  /** Nobody answers, so whoever asks gives up after this many milliseconds instead of its own time-out. */
  readonly givesUpAfterMs?: number;
  /** What is true only while it is asked; gives what puts it back. */
  readonly begin?: () => () => void;
}

export interface Situations {
  readonly all: Readonly<Record<string, Situation>>;
  stop(): Promise<void>;
}

const OTHER = `artifact=sha256:${'b'.repeat(64)}`;

export async function dialectSituations(gate: Gate): Promise<Situations> {
  // Tokens expire by the database's own clock, which no test moves: made before the gate's is moved.
  const expiredToken = await expired(gate);
  const pipelines: Pipeline[] = [];
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const aRelease = async (plan: Parameters<typeof aService>[0] = {}): Promise<Pipeline> => {
    const pipeline = await aPipeline(gate, { plan });
    pipelines.push(pipeline);
    return pipeline;
  };
  const here = ({ service }: { readonly service: string }) => ({
    url: gate.url,
    path: `/gates/${service}@1.4.2/early`,
    token: gate.tokens.pipeline,
  });
  const proven = await aRelease();
  await proven.proves('1.4.2', 'canary');
  const promoted = { ...here(proven), told: 'promote' } as const;
  const answers = {
    promote: promoted,
    'promote, only advised': { ...here(await aRelease({ enforcement: 'advise' })), told: 'promote' },
    'hold by data': { ...here(await unmeasured(gate, await aRelease())), told: 'hold', clears: 'by-data' },
    'hold by person': { ...here(await halted(gate, await aRelease())), told: 'hold', clears: 'by-person' },
    'hold for ever': { ...here(await fixed(await aRelease())), told: 'hold', clears: 'never', query: OTHER },
    rollback: { ...here(await harmful(gate, await aRelease())), told: 'rollback' },
    'hold by time': { ...here(await baking(await aRelease())), told: 'hold', clears: 'by-time' },
    'gate overloaded': { ...promoted, told: 'hold', clears: 'by-data', begin: () => overload(gate) },
    'gate gone': { ...promoted, told: null, url: await closedPort() },
    'gate silent': { ...promoted, told: null, url: urlOf(silent), givesUpAfterMs: 50 },
    'token expired': { ...promoted, told: null, token: expiredToken },
    'service unknown': { ...here({ service: 'nobody' }), told: null },
  } as const satisfies Record<string, Situation>;
  return {
    all: answers,
    async stop() {
      silent.closeAllConnections();
      silent.close();
      for (const pipeline of pipelines) await pipeline.stop();
    },
  };
}

async function deployed(pipeline: Pipeline, query: Record<string, string> = {}): Promise<Pipeline> {
  await pipeline.expect('promote', '1.4.2', 'canary', query);
  await pipeline.report('1.4.2', 'canary', { state: 'deployed' });
  return pipeline;
}

async function baking(pipeline: Pipeline): Promise<Pipeline> {
  return await deployed(pipeline);
}

async function unmeasured(gate: Gate, pipeline: Pipeline): Promise<Pipeline> {
  await deployed(pipeline);
  gate.minutes(61);
  await pipeline.answers(() => ({ status: 500, headers: {}, body: '' }));
  return pipeline;
}

async function harmful(gate: Gate, pipeline: Pipeline): Promise<Pipeline> {
  await pipeline.proves('1.4.1', 'canary');
  await deployed(pipeline);
  gate.minutes(61);
  pipeline.counts(360, 1000, 'version="1.4.2"');
  return pipeline;
}

async function halted(gate: Gate, pipeline: Pipeline): Promise<Pipeline> {
  await pipeline.proves('1.4.2', 'canary');
  const body = { scope: { release: `${pipeline.service}@1.4.2` }, reason: 'Somebody has to look at this first' };
  const answer = await gate.call('POST', '/halts', { body, as: 'operator' });
  if (answer.status !== 201) throw new Error(`no halt: ${answer.status} ${JSON.stringify(answer.body)}`);
  return pipeline;
}

/** Its artifact was fixed in the first ring, so another one is held as long as there is one. */
async function fixed(pipeline: Pipeline): Promise<Pipeline> {
  return await deployed(pipeline, { artifact: `sha256:${'a'.repeat(64)}` });
}

/** The database has no connection left to give. */
function overload({ context }: Gate): () => void {
  const { store } = context.ports;
  const usual = Object.getOwnPropertyDescriptor(store, 'gateState');
  const value = () => Promise.reject(new GateError('unavailable', 'no connection is free'));
  Object.defineProperty(store, 'gateState', { value, configurable: true });
  return () => {
    if (usual === undefined) Reflect.deleteProperty(store, 'gateState');
    else Object.defineProperty(store, 'gateState', usual);
  };
}

async function expired(gate: Gate): Promise<string> {
  const body = { name: 'expired', role: 'pipeline', expires: '1ms' };
  const made = await request(gate.url, 'POST', '/tokens', { body, token: gate.tokens.admin });
  return made.body.token as string;
}

async function closedPort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = urlOf(server);
  server.close();
  await once(server, 'close');
  return url;
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
