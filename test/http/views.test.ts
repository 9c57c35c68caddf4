import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DecisionDocument } from '../../src/app/documents.ts';
import type { Verdict } from '../../src/domain/cause.ts';
import type { Clears } from '../../src/domain/finding.ts';
import { presentDecision } from '../../src/http/views.ts';
import { contract } from '../support/contract.ts';

const VIEWS = ['status', 'document', 'flagger-confirm', 'flagger-check', 'flagger-rollback'] as const;
const ID = '0199f0c2-7a10-7b1c-9d3e-2f4a6b8c0d1e';

function decision(
  verdict: Verdict,
  clears: readonly (Clears | undefined)[] = [],
  more: Partial<DecisionDocument> = {},
) {
  const findings = clears.map((each) => ({
    check: 'bake' as const,
    verdict: 'hold' as const,
    countedAs: 'hold' as const,
    cause: 'baking' as const,
    because: 'canary has baked 3m of 15m.',
    evidence: {},
    ...(each === undefined ? {} : { clears: each }),
  }));
  const given: DecisionDocument = {
    id: ID,
    release: 'checkout@1.4.2',
    service: 'checkout',
    version: '1.4.2',
    ring: 'early',
    stage: 'enter',
    change: 'standard',
    artifact: null,
    dryRun: false,
    enforced: true,
    advised: null,
    verdict,
    summary: 'canary has baked 3m of 15m',
    findings,
    decidedAt: '2026-11-22T10:00:00.000Z',
    validUntil: null,
    retryAfterSeconds: verdict === 'hold' ? 720 : null,
    earliestPromoteAt: null,
    live: [],
    rollback: null,
    policyVersion: 'sha256:0',
    caller: { kind: 'anonymous', id: null },
    actor: null,
    build: null,
    follows: null,
    audit: { entry: ID, leafHash: '0'.repeat(64) },
    ...more,
  };
  return given;
}

describe('the status view', () => {
  it.each([
    ['promote', [], 200],
    ['rollback', [], 409],
    ['rollback', ['by-person'], 409],
    ['rollback', ['by-time'], 409],
    ['hold', ['by-time'], 429],
    ['hold', ['by-data'], 429],
    ['hold', ['by-time', 'by-data'], 429],
    ['hold', [undefined], 429],
    ['hold', ['by-person'], 423],
    ['hold', ['never'], 423],
    ['hold', ['by-time', 'by-person'], 423],
    ['hold', ['never', 'by-data'], 423],
  ] as const)('tells %s that clears %j with %i, as documented', (verdict, clears, status) => {
    const answer = presentDecision(decision(verdict, clears), 'status', false);
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({ 'Gate-Verdict': verdict, 'Gate-Decision': ID, 'Cache-Control': 'no-store' });
    expect('Retry-After' in (answer.headers ?? {})).toBe(status === 429);
    expect(contract.validateResponse('getGate', status, 'application/json', answer.json)).toEqual([]);
  });

  it('does not let a hold that is not counted demand a person', () => {
    const observed = decision('hold', ['by-person', 'by-time']);
    const findings = observed.findings.map((finding, i) => (i === 0 ? { ...finding, countedAs: null } : finding));
    expect(presentDecision({ ...observed, findings }, 'status', false).status).toBe(429);
  });

  it('tells a decision without a record as 503 and hold', () => {
    const answer = presentDecision(
      decision('hold', ['by-data'], { audit: null, retryAfterSeconds: 5 }),
      'status',
      false,
    );
    expect(answer).toMatchObject({ status: 503, headers: { 'Gate-Verdict': 'hold', 'Retry-After': '5' } });
  });

  it.each(['promote', 'rollback'] as const)('refuses to tell %s without a record, in any view', (verdict) => {
    for (const view of VIEWS) {
      expect(() => presentDecision(decision(verdict, [], { audit: null }), view, false)).toThrow('record');
    }
  });

  it.each([
    [null, '15'],
    [0, '5'],
    [4.2, '5'],
    [7.1, '8'],
    [720, '30'],
  ])('asks to come back for %s seconds after %s', (wanted, told) => {
    const answer = presentDecision(decision('hold', ['by-time'], { retryAfterSeconds: wanted }), 'status', false);
    expect(answer.headers?.['Retry-After']).toBe(told);
  });
});

describe('every view', () => {
  it.each(VIEWS)(
    'says in %s which question it answers, whatever the verdict and also where nothing was recorded',
    (view) => {
      const told = [decision('promote'), decision('rollback'), decision('hold'), decision('hold', [], { audit: null })];
      for (const each of told) {
        const entered = presentDecision(each, view, false);
        expect(entered.headers).toMatchObject({ 'Gate-Question': 'checkout@1.4.2 early enter' });
        const left = presentDecision({ ...each, stage: 'exit' }, view, true);
        expect(left.headers).toMatchObject({ 'Gate-Question': 'checkout@1.4.2 early exit' });
      }
    },
  );
});

describe('the document view', () => {
  it.each([
    ['promote', {}],
    ['hold', {}],
    ['rollback', {}],
    ['hold', { audit: null }],
  ] as const)('is 200 for %s %j and names the verdict', (verdict, more) => {
    const answer = presentDecision(decision(verdict, ['by-person'], more), 'document', false);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({ 'Gate-Verdict': verdict });
    expect(answer.headers).not.toHaveProperty('Retry-After');
  });
});

describe("Flagger's views", () => {
  const unrecorded = { audit: null };
  it.each([
    ['flagger-confirm', [200, 409, 409, 409, 503]],
    ['flagger-check', [200, 200, 200, 409, 200]],
    ['flagger-rollback', [409, 409, 409, 200, 503]],
  ] as const)('%s tells promote, both kinds of hold, rollback and no decision with %j', (view, statuses) => {
    const told = [
      decision('promote'),
      decision('hold', ['by-time']),
      decision('hold', ['by-person']),
      decision('rollback'),
      decision('hold', ['by-data'], unrecorded),
    ].map((each) => presentDecision(each, view, false));
    expect(told.map(({ status }) => status)).toEqual(statuses);
    const verdicts = told.map(({ headers }) => headers?.['Gate-Verdict']);
    expect(verdicts).toEqual(['promote', 'hold', 'hold', 'rollback', 'hold']);
    for (const { status, json } of told)
      expect(contract.validateResponse('postGate', status, 'application/json', json)).toEqual([]);
  });

  it('never tell a rollback that is only advised as one', () => {
    const advised = decision('promote', [], { enforced: false, advised: 'rollback' });
    expect(presentDecision(advised, 'flagger-rollback', false).status).toBe(409);
  });
});

describe('a plan that only advises', () => {
  it.each(['hold', 'rollback'] as const)('tells promote, and %s beside it', (found) => {
    const told = decision('promote', ['by-person'], { enforced: false, advised: found });
    const untold = decision(found, ['by-person'], { enforced: false, advised: null });
    for (const advised of [told, untold]) {
      const answer = presentDecision(advised, 'status', false);
      expect(answer.status).toBe(200);
      const wanted = { 'Gate-Verdict': 'promote', 'Gate-Verdict-Advised': found, 'Gate-Enforced': 'false' };
      expect(answer.headers).toMatchObject(wanted);
    }
  });
});

describe('one line of text', () => {
  it('says verdict, release, ring, reason and when to ask again', () => {
    expect(presentDecision(decision('hold', ['by-time']), 'status', true).text).toBe(
      'hold checkout@1.4.2 early: canary has baked 3m of 15m (ask again in 12m)\n',
    );
  });

  it('stays one line whatever the summary holds', () => {
    const text = presentDecision(decision('rollback', [], { summary: 'a\r\nb\u2028c' }), 'status', true).text;
    expect(text).toBe('rollback checkout@1.4.2 early: a b c\n');
  });
});

describe('any decision', () => {
  const verdicts = fc.constantFrom<Verdict>('promote', 'hold', 'rollback');
  const clears = fc.array(fc.constantFrom<Clears | undefined>('by-time', 'by-data', 'by-person', 'never', undefined));

  it('is a 2xx in the status view exactly when the caller may go on', () => {
    fc.assert(
      fc.property(verdicts, clears, fc.boolean(), fc.boolean(), (verdict, each, enforced, prefersText) => {
        const answer = presentDecision(decision(verdict, each, { enforced }), 'status', prefersText);
        expect(answer.status === 200).toBe(answer.headers?.['Gate-Verdict'] === 'promote');
        expect(answer.headers?.['Gate-Verdict'] === 'promote').toBe(!enforced || verdict === 'promote');
        expect(answer.status === 409).toBe(enforced && verdict === 'rollback');
      }),
    );
  });
});
