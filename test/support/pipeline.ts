/** One service with its own provider on a running gate, and the calls its pipeline makes. */
import { expect } from 'vitest';
import type { Role } from '../../src/app/ports.ts';
import { durationMs } from '../../src/domain/duration.ts';
import { BUCKET_MS } from '../../src/domain/instant.ts';
import type { RuleDocument } from '../../src/domain/rule.ts';
import type { ServiceDocument } from '../../src/domain/service.ts';
import { aRule, aService } from './builders.ts';
import { type FakeAnswer, startFakePrometheus, vector } from './fake-prometheus.ts';
import type { Answer, Gate } from './gate.ts';

export interface Pipeline {
  readonly service: string;
  ask(version: string, ring: string, query?: Record<string, string>): Promise<Answer>;
  /** Asks, and expects the verdict; gives the document. */
  expect(
    verdict: 'promote' | 'hold' | 'rollback',
    version: string,
    ring: string,
    query?: Record<string, string>,
  ): Promise<Answer['body']>;
  report(version: string, ring: string, body: Record<string, unknown>, as?: Role): Promise<Answer>;
  /** What the provider counts from the next bucket on: bad and total of every query, or of those that name the text. */
  counts(bad: number, total: number, naming?: string): void;
  /** How the provider answers everything from now on, as one that was never asked before. */
  answers(answer: (query: string) => FakeAnswer): Promise<void>;
  /** What happens in each second (of the Unix epoch); the provider counts it over each query's window. */
  simulates(second: (second: number) => { readonly bad: number; readonly total: number }): void;
  /** Takes the release through a ring: enter, deploy, bake, exit. */
  proves(version: string, ring: string): Promise<void>;
  stop(): Promise<void>;
}

let count = 0;

export async function aPipeline(
  gate: Gate,
  setup: { readonly plan?: Partial<ServiceDocument>; readonly rules?: Readonly<Record<string, RuleDocument>> } = {},
): Promise<Pipeline> {
  count += 1;
  const service = `shop-${count}`;
  const prometheus = await startFakePrometheus();
  let special: { naming: string; bad: number; total: number }[] = [];
  const countsOf = (query: string): FakeAnswer => {
    if (query.startsWith('time()')) return vector('1');
    if (query.startsWith('max((timestamp(')) return vector('15');
    const row = special.find(({ naming }) => query.includes(naming)) ?? { bad: 0, total: 1000 };
    return vector(String(query.includes('5..') ? row.bad : row.total));
  };
  prometheus.answer((form) => countsOf(form.get('query') ?? ''));
  const put = async (path: string, body: unknown, as: Role) => {
    const answer = await gate.call('PUT', path, { body, as });
    expect({ path, status: answer.status, body: answer.body }).toMatchObject({ status: expect.toBeOneOf([200, 201]) });
  };
  const provider = `/providers/prom-${count}`;
  // Another document is another source: nothing is kept of what was asked before.
  const putProvider = async () => {
    const params = { round: String(prometheus.requests.length) };
    await put(provider, { kind: 'prometheus', url: prometheus.url, params }, 'admin');
  };
  // What was asked in this bucket stays answered in it.
  const nextBucket = () => gate.minutes(BUCKET_MS / 60_000);
  await putProvider();
  await put(`/services/${service}`, aService(setup.plan), 'configurator');
  for (const [name, rule] of Object.entries(setup.rules ?? { errors: aRule() })) {
    const indicator = { ...rule.indicator, provider: `prom-${count}` };
    await put(`/services/${service}/rules/${name}`, { ...rule, indicator }, 'configurator');
  }
  const pipeline: Pipeline = {
    service,
    ask: (version, ring, query = {}) =>
      gate.call('GET', `/gates/${service}@${version}/${ring}?${new URLSearchParams(query)}`),
    async expect(verdict, version, ring, query = {}) {
      const answer = await pipeline.ask(version, ring, query);
      expect({ told: answer.headers.get('gate-verdict'), summary: answer.body.summary }).toMatchObject({
        told: verdict,
      });
      return answer.body;
    },
    report: (version, ring, body, as = 'pipeline') =>
      gate.call('PUT', `/releases/${service}@${version}/rings/${ring}`, { body, as }),
    counts(bad, total, naming = '') {
      nextBucket();
      special = [{ naming, bad, total }, ...special.filter((row) => naming !== '' && row.naming !== naming)];
      prometheus.answer((form) => countsOf(form.get('query') ?? ''));
    },
    async answers(answer) {
      await putProvider();
      prometheus.answer((form) => answer(form.get('query') ?? ''));
    },
    simulates(second) {
      nextBucket();
      prometheus.answer((form) => {
        const query = form.get('query') ?? '';
        if (query.startsWith('time()')) return vector('1');
        if (query.startsWith('max((timestamp(')) return vector('15');
        const window = durationMs(/\[(\w+)\]/.exec(query)?.[1] ?? '0s') / 1000;
        const end = Date.parse(form.get('time') ?? '') / 1000;
        const seen = Array.from({ length: window }, (_, i) => second(end - i));
        const count = seen.reduce((sum, each) => sum + (query.includes('5..') ? each.bad : each.total), 0);
        return vector(String(count));
      });
    },
    async proves(version, ring) {
      await pipeline.expect('promote', version, ring);
      await pipeline.report(version, ring, { state: 'deployed' });
      gate.minutes(61);
      await pipeline.expect('promote', version, ring, { stage: 'exit' });
    },
    stop: () => prometheus.stop(),
  };
  return pipeline;
}
