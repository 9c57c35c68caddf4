import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordStart } from '../../src/app/lifecycle.ts';
import { entryFrom, newEntry } from '../../src/app/record.ts';
import { canonicalJson, leafHash } from '../../src/domain/audit/canonical.ts';
import { scrub } from '../../src/domain/audit/plain-text.ts';
import { memoryPorts, requestBy, testId } from '../support/memory-ports.ts';

const at = '2026-11-22T10:00:00.000Z';

describe('newEntry', () => {
  it('puts who, when, what and why under the same names in every record', () => {
    const entry = newEntry(memoryPorts(), requestBy('configurator'), {
      kind: 'rule-put',
      at,
      service: 'checkout',
      extra: 1,
    });
    expect(JSON.parse(entry.body)).toEqual({
      v: 1,
      origin: 'gate.example/audit',
      id: testId(1),
      kind: 'rule-put',
      at,
      caller: { kind: 'token', id: testId(0xf00), name: 'a-configurator' },
      actor: null,
      request: { id: 'request-1', ip: '127.0.0.1' },
      service: 'checkout',
      release: null,
      ring: null,
      verdict: null,
      causes: [],
      reason: null,
      policyVersion: null,
      gateVersion: '0.0.0-test',
      masked: [],
      extra: 1,
    });
    expect(entry.leafHash).toBe(leafHash(entry.body));
  });

  it('never lets the own fields of a kind pass for the envelope', () => {
    const forged = {
      kind: 'x',
      at,
      id: 'forged',
      caller: 'forged',
      origin: 'forged',
      gateVersion: 'forged',
      v: 9,
      request: 0,
    };
    expect(newEntry(memoryPorts(), null, forged).body).not.toMatch(/forged|"v":9/);
  });

  it('is taken by every database, whatever was written into it', () => {
    const { body } = newEntry(memoryPorts(), null, {
      kind: 'x',
      at,
      reason: 'a\u0000b\ud800c\u001b[2J',
      actor: 'line\n\tnext',
    });
    expect(JSON.parse(body)).toMatchObject({ reason: 'a\ufffdb\ufffdc\ufffd[2J', actor: 'line\n\tnext' });
  });
});

describe('entryFrom', () => {
  it('records the scrubbed body, wherever in it something has to be scrubbed', () => {
    const text = fc.string({
      unit: fc.oneof(
        fc.constantFrom('a', '"', '\\', 'u', '\t', 'é', '😀'),
        fc.constantFrom('\u0000', '\u001b', '\u007f', '\u0085', '\ud800', '\b', '\r'),
      ),
    });
    fc.assert(
      fc.property(fc.dictionary(text, fc.oneof(text, fc.array(text)), { noNullPrototype: true }), (body) => {
        expect(entryFrom('a', body).body).toBe(canonicalJson(scrub(body)));
      }),
      { numRuns: 500 },
    );
  });

  it('has one text for one body, in whatever order it was built', () => {
    expect(entryFrom('a', { x: 1, y: [2] })).toEqual(entryFrom('a', { y: [2], x: 1 }));
  });
});

describe('recordStart', () => {
  it('is an entry of its own by the service itself', async () => {
    const ports = memoryPorts();
    await recordStart(ports, { host: '127.0.0.1', port: 8080, engine: 'pglite', configHash: 'c0ffee' });
    expect(ports.store.bodies()).toMatchObject([
      {
        kind: 'service-start',
        at,
        caller: { kind: 'system' },
        request: null,
        host: '127.0.0.1',
        port: 8080,
        engine: 'pglite',
      },
    ]);
  });
});
