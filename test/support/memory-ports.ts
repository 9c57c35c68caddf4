import { createDesk } from '../../src/app/desk.ts';
import { windowsAt } from '../../src/app/freeze-windows.ts';
import type { OverrideUse } from '../../src/app/override-uses.ts';
import type { MetricProviders, Ports, Principal, RequestContext, Role } from '../../src/app/ports.ts';
import type { Measurement } from '../../src/domain/measurement.ts';
import { MemoryStore } from './memory-store.ts';

/** Ports over a memory store: ids count up, nothing is measured, events are kept. */
export interface MemoryPorts extends Ports {
  readonly store: MemoryStore;
  readonly uses: OverrideUse[];
  readonly changes: { readonly kind: string; readonly subject: string }[];
}

export function memoryPorts(
  overrides: Partial<Omit<Ports, 'store'>> & { readonly store?: MemoryStore } = {},
): MemoryPorts {
  let ids = 0;
  const uses: OverrideUse[] = [];
  const changes: { kind: string; subject: string }[] = [];
  const store = overrides.store ?? new MemoryStore();
  const runtime = overrides.runtime ?? {
    monotonicMs: () => 0,
    after: () => () => undefined,
    newId: () => testId(++ids),
    wallClock: () => '2026-11-22T10:00:00.000Z',
  };
  return {
    store,
    providers: answering({ kind: 'no-data' }),
    inspector: { inspect: async () => ({ version: null, clockOffsetSeconds: null }) },
    events: {
      decided: () => undefined,
      asked: () => undefined,
      circuit: () => undefined,
      changed: ({ kind, subject }) => void changes.push({ kind, subject }),
      overridden: ({ request: _, ...use }) => void uses.push(use),
      github: () => undefined,
      refused: () => undefined,
    },
    github: {
      webhookSecret: async () => 'a secret of the webhook',
      connect: async () => ({ kind: 'failed', status: null, detail: 'there is no GitHub here', pauseMs: 0 }),
    },
    runtime,
    desk: createDesk(store, runtime),
    windowsAt,
    origin: 'gate.example/audit',
    gateVersion: '0.0.0-test',
    anonymousAllowed: true,
    changes,
    uses,
    ...overrides,
  };
}

/** The n-th id in the shape of a UUID v7. */
export function testId(n: number): string {
  return `0190a000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
}

/** Providers that give the same answer to everything. */
export function answering(measurement: Measurement): MetricProviders {
  return { ask: async (_, question) => ({ ...question, measurement, infos: [] }) };
}

/** A request by somebody who holds a token of that role. */
export function requestBy(role: Role, changes: readonly string[] = ['standard']): RequestContext {
  const principal: Principal = { kind: 'token', id: testId(0xf00), name: `a-${role}`, roles: [role], changes };
  return { principal, requestId: 'request-1', ip: '127.0.0.1' };
}
