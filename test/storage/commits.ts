import { randomUUID } from 'node:crypto';
import type { Commit, ConfigKey, NewEntry, Write } from '../../src/app/ports.ts';
import { canonicalJson, leafHash } from '../../src/domain/audit/canonical.ts';
import type { Life } from '../../src/domain/life.ts';
import { personKey } from '../../src/domain/person.ts';

export function anEntry(body: { readonly actor?: string; readonly [own: string]: unknown } = {}): NewEntry {
  const text = canonicalJson({ kind: 'test', ...body });
  const person = body.actor === undefined ? null : personKey(body.actor);
  return { id: randomUUID(), body: text, leafHash: leafHash(text), person };
}

export function aCommit(parts: Partial<Commit> & { body?: Parameters<typeof anEntry>[0] } = {}): Commit {
  const { body, ...rest } = parts;
  return { entry: anEntry(body), expects: {}, raises: [], writes: [], ...rest };
}

export function aLife(parts: Partial<Life> = {}): Life {
  return {
    version: '1.0.0',
    ring: 'canary',
    n: 1,
    epoch: 1,
    phase: 'live',
    end: null,
    origin: 'gated',
    promisedAt: '2026-01-01T00:00:00.000Z',
    leaseUntil: '2026-01-01T00:15:00.000Z',
    liveAt: '2026-01-01T00:01:00.000Z',
    provenAt: null,
    endedAt: null,
    report: 'deployed',
    reportedAt: '2026-01-01T00:01:00.000Z',
    enteredBy: 'd1',
    provenBy: null,
    reason: null,
    spans: null,
    renewedAt: null,
    recalled: null,
    revokedAt: null,
    placedAt: null,
    startedAt: null,
    proofEnd: null,
    claimed: null,
    claimedAt: null,
    ...parts,
  };
}

export function putLife(life: Life, service = 'checkout'): Write {
  return { kind: 'put-life', service, life };
}

export function putConfig(key: ConfigKey, document: unknown): Write {
  return { kind: 'put-config', key, document, etag: leafHash(canonicalJson(document)) };
}

export const aRule = (owner: string, name: string): ConfigKey => ({ kind: 'rule', owner, name });
export const aService = (name: string): ConfigKey => ({ kind: 'service', owner: '', name });
export const aProvider = (name: string): ConfigKey => ({ kind: 'provider', owner: '', name });
