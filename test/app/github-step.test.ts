import { describe, expect, it } from 'vitest';
import type { DecisionDocument } from '../../src/app/documents.ts';
import { githubStep, unknownStep } from '../../src/app/github-step.ts';
import type { GithubRequest } from '../../src/app/ports.ts';
import type { ExplainedFinding } from '../../src/domain/finding.ts';

const request = { reports: 0, reported: '' } as GithubRequest;
const finding = (cause: string, more: Partial<ExplainedFinding> = {}) =>
  ({
    check: 'bake',
    verdict: 'hold',
    countedAs: 'hold',
    cause,
    because: `Because of ${cause}.`,
    evidence: {},
    ...more,
  }) as ExplainedFinding;
const aDecision = (more: Partial<DecisionDocument> = {}) =>
  ({
    id: 'd-1',
    release: 'checkout@1.4.2',
    ring: 'early',
    verdict: 'hold',
    summary: 'canary has baked 3m of 15m',
    findings: [finding('baking'), finding('open', { countedAs: 'promote' })],
    audit: { entry: 'd-1', leafHash: '00' },
    dryRun: false,
    advised: null,
    rollback: null,
    retryAfterSeconds: 30,
    ...more,
  }) as DecisionDocument;

describe('what GitHub is told of a decision', () => {
  it('is approved for a promote and rejected for a rollback that stand in the record, and neither for anything else', () => {
    const stateOf = (more: Partial<DecisionDocument>) => githubStep(request, aDecision(more)).review?.state;
    expect(stateOf({ verdict: 'promote' })).toBe('approved');
    expect(stateOf({ verdict: 'rollback' })).toBe('rejected');
    expect(stateOf({ verdict: 'hold' })).toBe(null);
    for (const verdict of ['promote', 'rollback'] as const) {
      expect(stateOf({ verdict, audit: null })).not.toBe('approved');
      expect(stateOf({ verdict, audit: null })).not.toBe('rejected');
      expect(stateOf({ verdict, dryRun: true })).toBe(null);
    }
  });

  it('is a hold only when its causes are others than those last told', () => {
    const first = githubStep(request, aDecision());
    expect(first).toMatchObject({ causes: 'baking', againMs: 30_000 });
    const told = { ...request, reports: 1, reported: first.causes };
    const more = [finding('baking', { because: 'Otherwise.' }), finding('baking', { ring: 'x' })];
    expect(githubStep(told, aDecision({ findings: more })).review).toBe(null);
    expect(githubStep(told, aDecision({ findings: [finding('frozen'), finding('baking')] })).causes).toBe(
      'baking frozen',
    );
  });

  it('is at most nine reports, the last of which says so, and the answer after them', () => {
    let now = request;
    const comments: string[] = [];
    for (let i = 0; i < 20; i += 1) {
      const { review, causes } = githubStep(
        now,
        aDecision({ findings: [finding(i % 2 === 0 ? 'baking' : 'no-data')] }),
      );
      if (review === null) continue;
      comments.push(review.comment);
      now = { ...now, reports: now.reports + 1, reported: causes };
    }
    expect(comments).toHaveLength(9);
    expect(comments.map((comment) => comment.includes('last report'))).toEqual([...Array(8).fill(false), true]);
    expect(githubStep(now, aDecision({ verdict: 'promote' })).review?.state).toBe('approved');
  });

  it('has at most 1,024 characters, whatever is found', () => {
    const long = 'ä😀'.repeat(900);
    const steps = [
      githubStep(request, aDecision({ summary: long })),
      githubStep({ ...request, reports: 8 }, aDecision({ findings: [finding('baking', { because: long })] })),
      githubStep(request, aDecision({ verdict: 'rollback', summary: long })),
      unknownStep(request, 'unmapped', long),
    ];
    for (const { review } of steps) {
      expect(review?.comment.length).toBeLessThanOrEqual(1024);
      expect(review?.comment.isWellFormed()).toBe(true);
    }
  });

  it('says what to do and where to go back to', () => {
    const action = { who: 'operator', do: 'POST /approvals' } as const;
    const held = githubStep(request, aDecision({ findings: [finding('approval-missing', { action })] }));
    expect(held.review?.comment).toContain('operator: POST /approvals');
    const rollback = { rings: ['canary'], to: { canary: 'checkout@1.4.1' } };
    const back = githubStep(request, aDecision({ verdict: 'rollback', rollback }));
    expect(back.review?.comment).toContain('go back to checkout@1.4.1 in canary');
    const advised = githubStep(request, aDecision({ verdict: 'promote', advised: 'hold' }));
    expect(advised.review?.comment).toContain('only advises; enforced it would have been hold');
  });

  it.each([
    [1, 10_000],
    [30, 30_000],
    [7200, 60_000],
    [null, 60_000],
  ])('is looked at again after %s s, but within 10 to 60', (retryAfterSeconds, againMs) => {
    expect(githubStep(request, aDecision({ retryAfterSeconds })).againMs).toBe(againMs);
  });
});
