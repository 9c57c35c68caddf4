/** Whatever comes in over the network: refused in plain words or served, and nothing in between. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '../../src/app/ports.ts';
import type { Operation } from '../../src/http/document.ts';
import { aService } from '../support/builders.ts';
import { contract } from '../support/contract.ts';
import { type EngineKind, engineKinds, openEngine, type TestEngine } from '../support/engines.ts';
import { type Gate, ROLES, startGate } from '../support/gate.ts';
import { diceFrom } from '../support/hostile-dice.ts';
import { brokenByHead, brokenLaws, isAccepted, isGate } from '../support/hostile-laws.ts';
import { type RawCase, rawCases } from '../support/hostile-raw.ts';
import { brokenRefusal, problemIn } from '../support/hostile-refusals.ts';
import {
  bytesOf,
  CALLERS,
  type Caller,
  fixedRequests,
  type HostileRequest,
  hostileRequests,
  KINDS,
  mayAsk,
} from '../support/hostile-requests.ts';
import { type Observer, observePostgres, observeStore } from '../support/hostile-state.ts';
import { exchange } from '../support/hostile-wire.ts';

/** Another one can be tried with HOSTILE_SEED, and more requests with HOSTILE_COUNT. */
const SEED = Number(process.env.HOSTILE_SEED ?? 20_261_122);
const COUNTS = { postgres: Number(process.env.HOSTILE_COUNT ?? 5000), embedded: 150 };
const HEALTHY_EVERY = 40;

interface Tally {
  readonly broken: string[];
  readonly answers: Map<string, Set<string>>;
  /** Who has sent which kind of request. */
  readonly senders: Set<string>;
  sent: number;
}

describe.each(engineKinds)(`hostile input on %s, seed ${SEED}`, (kind: EngineKind) => {
  let engine: TestEngine;
  let gate: Gate;
  let observer: Observer;
  let expired: string;

  beforeAll(async () => {
    engine = await openEngine(kind);
    gate = await startGate(engine);
    await furnish(gate);
    const body = { name: 'short-lived', role: 'admin', expires: '1ms' };
    expired = (await gate.call('POST', '/tokens', { as: 'admin', body })).body.token;
    const services = ['checkout', 'cart', 'search', 'healthy'];
    observer =
      engine.databaseUrl === null
        ? observeStore(gate.context.ports.store, services)
        : await observePostgres(engine.databaseUrl);
  });
  afterAll(async () => {
    await observer.close();
    await gate.stop();
    await engine.destroy();
  });

  it(`keeps every law over ${COUNTS[kind]} generated requests`, async () => {
    const tally = await attack(gate, expired, observer, COUNTS[kind]);
    expect(tally.broken).toEqual([]);
    expect(tally.sent).toBe(COUNTS[kind]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    if (kind === 'embedded') return;
    expect([...tally.senders].sort()).toEqual(CALLERS.flatMap((by) => KINDS.map((each) => `${by} ${each}`)).sort());
    for (const { id } of contract.document.operations) expectCovered(id, tally);
  }, 240_000);
});

describe('bytes that no client library sends', () => {
  let engine: TestEngine;
  let gate: Gate;
  let observer: Observer;
  let cases: readonly RawCase[];

  beforeAll(async () => {
    engine = await openEngine('postgres');
    gate = await startGate(engine);
    await furnish(gate);
    observer = await observePostgres(engine.databaseUrl ?? '');
    const bearer = (role: Role) => `Authorization: Bearer ${gate.tokens[role]}\r\n`;
    cases = rawCases(bearer('configurator'), bearer('auditor'), bearer('pipeline'));
  });
  afterAll(async () => {
    await observer.close();
    await gate.stop();
    await engine.destroy();
  });

  it('are answered or refused, each in the one way that is right', async () => {
    const port = Number(new URL(gate.url).port);
    for (const { what, bytes, statuses, ends, isHead, pointer } of cases) {
      const before = await observer.look();
      const expected = Math.max(statuses.length, 1);
      const { responses, rest, hung } = await exchange(port, { bytes, expected, ends, isHead });
      const after = await observer.look();
      const told = responses.map(({ status }) => status);
      const records = told.filter((status) => status < 300).length > 0 && what.includes('body') ? 'any' : 0;
      const broken = responses.flatMap((response) => [
        ...brokenByHead(response),
        ...(response.status < 400 || isHead ? [] : brokenRefusal(contract, response)),
      ]);
      const named = responses.flatMap((response) => problemIn(response)?.errors?.map((error) => error.pointer) ?? []);
      if (pointer !== null && !named.includes(pointer)) broken.push(`names ${named} instead of ${pointer}`);
      const added = after.entries - before.entries;
      expect
        .soft({ what, told, rest, hung, broken })
        .toEqual({ what, told: statuses, rest: '', hung: false, broken: [] });
      if (records === 0)
        expect.soft({ what, added, state: after.state }).toEqual({ what, added: 0, state: before.state });
    }
    await expectHealthy(gate);
  }, 60_000);
});

/** Two services with rules, one of them with releases on their way, and one that nobody attacks. */
async function furnish(gate: Gate): Promise<void> {
  const answers = [{ contains: ['errors'], value: '0' }, { value: '1000' }];
  const put = async (path: string, as: 'admin' | 'configurator' | 'pipeline', body: unknown) => {
    const answer = await gate.call('PUT', path, { as, body });
    expect({ path, answer: answer.status < 300 || answer.body }).toEqual({ path, answer: true });
  };
  await put('/providers/main', 'admin', { kind: 'recorded', answers });
  for (const name of ['checkout', 'cart', 'healthy']) {
    await put(`/services/${name}`, 'configurator', aService({ allowUnmeasured: true }));
  }
  const query = 'latency_seconds{version="${version}"}';
  const indicator = { kind: 'threshold', provider: 'main', query };
  await put('/services/checkout/rules/latency', 'configurator', { indicator, limits: { hold: { above: 2000 } } });
  expect((await gate.call('GET', '/gates/checkout@1.4.2/canary')).status).toBe(200);
  await put('/releases/checkout@1.4.2/rings/canary', 'pipeline', { state: 'deployed' });
  await gate.call('GET', '/gates/cart@1.4.2/canary');
  await put('/releases/cart@1.4.2/rings/canary', 'pipeline', { state: 'rolled-back', reason: 'broken' });
}

async function attack(gate: Gate, expired: string, observer: Observer, count: number): Promise<Tally> {
  const tally: Tally = { broken: [], answers: new Map(), senders: new Set(), sent: 0 };
  const dice = diceFrom(SEED);
  const fixed = fixedRequests(contract.document, dice);
  const source = hostileRequests(contract.document, dice);
  const port = Number(new URL(gate.url).port);
  const credentials: Record<Caller, string | null> = {
    ...gate.tokens,
    nobody: null,
    garbage: `gkp_${'a'.repeat(36)}`,
    expired,
  };
  let before = await observer.look();
  while (tally.sent < count && tally.broken.length < 10) {
    const request: HostileRequest = fixed.next().value ?? source.next();
    const bytes = bytesOf(request, credentials[request.caller]);
    const exchanged = await exchange(port, { bytes, expected: 1, ends: false, isHead: false });
    const [response] = exchanged.responses;
    const accepted = response !== undefined && isAccepted(request, response);
    const after = isReading(request) ? before : await observer.look();
    const broken = brokenLaws(contract, request, exchanged);
    const added = after.entries - before.entries;
    // What the gate asks itself on the way to an answer is recorded with it.
    const ownToo = accepted && added === 2 && asksItself(request);
    if (added !== (accepted ? 1 : 0) && !ownToo) broken.push(`${added} records`);
    if (!accepted && after.state !== before.state) broken.push('a refused request has changed the state');
    if (broken.length > 0) tally.broken.push(told(request, tally.sent, broken, response?.body ?? ''));
    tallied(tally, request, response?.status ?? 0);
    before = after;
    tally.sent += 1;
    // Whoever does not answer one request will hardly answer the next.
    if (exchanged.hung) break;
    if (tally.sent % HEALTHY_EVERY === 0 || tally.sent === count) {
      expect({ sent: tally.sent, ...(await observer.look()) }).toEqual({ sent: tally.sent, ...before });
      await expectHealthy(gate);
      before = await observer.look();
    }
  }
  return tally;
}

/** A question about a ring that another release has, and a report that ends a stay. */
function asksItself({ operation }: HostileRequest): boolean {
  return isGate(operation.id) || operation.id === 'reportRing';
}

/** Looking costs as much as asking; if reading has changed anything, the next look sees it. */
function isReading({ operation }: HostileRequest): boolean {
  return operation.method === 'get' && !isGate(operation.id);
}

function tallied({ answers, senders }: Tally, { operation, kind, caller }: HostileRequest, status: number): void {
  senders.add(`${caller} ${kind}`);
  const of = answers.get(operation.id) ?? new Set();
  answers.set(operation.id, of.add(`${kind} ${status}`));
}

function told(request: HostileRequest, number: number, broken: readonly string[], body: string): string {
  const { kind, what, caller, method, target } = request;
  const sent = request.body === null ? '' : ` ${request.body.toString('latin1').slice(0, 300)}`;
  return `${number} ${kind} (${what}) by ${caller}: ${method} ${target.slice(0, 300)}${sent} → ${broken.join('; ')} ← ${body.slice(0, 300)}`;
}

/** Somebody who only wants to deploy. A configurator among the attackers may freeze everything, an operator halt it; nothing else may stop them. */
async function expectHealthy(gate: Gate): Promise<void> {
  const answer = await gate.call('GET', '/gates/healthy@1/canary?dryRun=true&view=document');
  const findings = answer.body.findings as readonly { readonly check: string; readonly countedAs: string }[];
  const stopping = findings.filter(
    ({ check, countedAs }) => countedAs !== 'promote' && !['freeze', 'halt'].includes(check),
  );
  expect({ status: answer.status, stopping }).toEqual({ status: 200, stopping: [] });
  expect(answer.headers.get('gate-verdict')).not.toBe(null);
  expect((await gate.call('GET', '/readyz')).body).toEqual({ status: 'ready' });
}

/** The attack has been at every part: served where that is possible, and refused for each of its reasons. */
function expectCovered(id: string, { answers }: Tally): void {
  const operation = contract.document.operations.find((each) => each.id === id) as Operation;
  const seen = [...(answers.get(id) ?? [])];
  const isPublic = operation.rights.includes('public');
  const isSigned = operation.rights.includes('signed');
  const expected = [
    '400',
    ...(isPublic ? [] : ['401']),
    ...(isSigned || ROLES.every((role) => mayAsk(role, operation)) ? [] : ['403']),
    ...(operation.body === null ? [] : ['415']),
  ];
  const statuses = seen.map((each) => each.split(' ').at(-1));
  expect([id, ...statuses]).toEqual(expect.arrayContaining([id, ...expected]));
  // Whoever has not the secret gets no further; test/acceptance/github.test.ts is at what comes then.
  if (isSigned) return;
  expect([id, seen.some((each) => /^valid (?:2|404|409|423|429)/.test(each))]).toEqual([id, true]);
}
