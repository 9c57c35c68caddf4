import { describe, expect, it } from 'vitest';
import type { Approval } from '../../src/domain/controls.ts';
import { givenApprovals } from '../../src/domain/given-approvals.ts';
import type { Rollout } from '../../src/domain/life.ts';

const NOWHERE: Rollout = { lives: [], releases: [] };

const by = (name: string, change: Partial<Approval> = {}): Approval => ({
  id: `of-${name}`,
  at: '2026-11-22T10:00:00.000Z',
  by: { id: null, name },
  release: 'checkout@1.0',
  ring: 'early',
  epoch: 1,
  comment: null,
  withdrawn: null,
  ...change,
});

const given = (approvals: readonly Approval[], askers: readonly string[] = [], rollout = NOWHERE) =>
  givenApprovals(approvals, rollout, '1.0', 'early', askers).map((approval) => approval.by.name);

describe('Approvals that count', () => {
  it('are one for each person, however they write their name', () => {
    expect(given([by('ada'), by('Ada '), by('grace')])).toEqual(['ada', 'grace']);
  });

  it('are those for the ring', () => {
    expect(given([by('ada', { ring: 'global' }), by('grace')])).toEqual(['grace']);
  });

  it('are none of those who asked', () => {
    expect(given([by('ada'), by('grace')], ['GRACE', 'linus'])).toEqual(['ada']);
  });

  it('are those of the present epoch', () => {
    const again = { ...NOWHERE, releases: [{ version: '1.0', epoch: 2, artifact: null, mark: null }] };
    expect(given([by('ada'), by('grace', { epoch: 2 })], [], again)).toEqual(['grace']);
  });
});
