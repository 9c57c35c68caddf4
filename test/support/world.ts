import { putConfig } from '../../src/app/catalogue.ts';
import { type Answered, decide, type Running } from '../../src/app/decide.ts';
import type { DecisionDocument, ReportRequest, ReportResult } from '../../src/app/documents.ts';
import type { ConfigKind, Ports, ProviderDocument, RequestContext } from '../../src/app/ports.ts';
import { clearRollback, report } from '../../src/app/reports.ts';
import type { Measurement, MetricQuestion } from '../../src/domain/measurement.ts';
import type { RuleDocument } from '../../src/domain/rule.ts';
import type { ServiceDocument } from '../../src/domain/service.ts';
import { aProvider } from './builders.ts';
import { type MemoryPorts, memoryPorts, requestBy } from './memory-ports.ts';

export type Answering = (question: MetricQuestion) => Measurement;

/** A service with its rules over the memory store, and the calls that pipelines and operators make. */
export interface World {
  readonly ports: MemoryPorts;
  /** What the provider answers from now on. */
  answer: Answering;
  ask(version: string, ring: string, stage?: 'enter' | 'exit', more?: More): Promise<DecisionDocument>;
  /** The same, and whether it was answered before. */
  answered(version: string, ring: string, stage?: 'enter' | 'exit', more?: More): Promise<Answered>;
  report(version: string, ring: string, request: ReportRequest, by?: RequestContext): Promise<ReportResult>;
  clear(version: string): Promise<unknown>;
  put(kind: ConfigKind, name: string, document: unknown): Promise<unknown>;
  minutes(count: number): void;
}

interface More {
  readonly dryRun?: boolean;
  readonly artifact?: string;
  readonly actor?: string;
  readonly change?: string;
  readonly by?: RequestContext;
  readonly running?: Running;
  readonly waitMs?: number;
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  readonly key?: string;
  /** Another replica on the same store. */
  readonly on?: Ports;
}

export const PIPELINE = requestBy('pipeline');
export const OPERATOR = requestBy('operator');
const ADMIN = requestBy('admin');
const CONFIGURATOR = requestBy('configurator');

/** Every query answers with these counts, fresh, from samples 15 s apart, and no series is new. */
export function counts(bad: number, total: number): Answering {
  const values = { age: '1', distance: '15', total: String(total), bad: String(bad) };
  return ({ part }) => {
    if (part === 'series') return { kind: 'no-data' };
    return { kind: 'value', value: part in values ? values[part as keyof typeof values] : String(bad) };
  };
}

export async function aWorld(
  service: ServiceDocument,
  rules: Readonly<Record<string, RuleDocument>>,
  provider: ProviderDocument = aProvider(),
  overrides: Parameters<typeof memoryPorts>[0] = {},
): Promise<World> {
  const world: { answer: Answering } = { answer: counts(0, 1000) };
  const ports = memoryPorts({
    providers: { ask: async (_, question) => ({ ...question, infos: [], measurement: world.answer(question) }) },
    ...overrides,
  });
  const put: World['put'] = (kind, name, document) => {
    const key = { kind, owner: kind === 'rule' ? 'checkout' : '', name };
    const by = kind === 'provider' || kind === 'github' ? ADMIN : CONFIGURATOR;
    return putConfig(ports, by, key, document, { ifMatch: null, ifNoneMatch: null, reason: null });
  };
  await put('provider', 'main', provider);
  await put('service', 'checkout', service);
  for (const [name, rule] of Object.entries(rules)) await put('rule', name, rule);
  const answered: World['answered'] = (version, ring, stage = 'enter', more = {}) =>
    decide(
      more.on ?? ports,
      more.by ?? PIPELINE,
      {
        release: { service: 'checkout', version },
        ring,
        stage,
        change: more.change ?? 'standard',
        dryRun: more.dryRun ?? false,
        artifact: more.artifact ?? null,
        actor: more.actor ?? null,
        build: null,
        context: null,
        ...(more.running === undefined ? {} : { running: more.running }),
        deadlineMs: more.deadlineMs ?? 6000,
        waitMs: more.waitMs ?? 0,
      },
      { signal: more.signal ?? new AbortController().signal, key: more.key ?? null },
    );
  return Object.assign(world, {
    ports,
    put,
    answered,
    ask: async (...asked: Parameters<World['ask']>) => (await answered(...asked)).decision,
    report: (version, ring, request, by = PIPELINE) =>
      report(ports, by, { service: 'checkout', version }, ring, request),
    clear: (version) => clearRollback(ports, OPERATOR, { service: 'checkout', version }, 'looked at it'),
    minutes: (count) => ports.store.advance(count * 60_000),
  } satisfies Omit<World, 'answer'>);
}
