import { describe, expect, it } from 'vitest';
import { approve, listApprovals, withdrawApproval } from '../../src/app/approvals.ts';
import type { RequestContext } from '../../src/app/ports.ts';
import { aRule, aService } from '../support/builders.ts';
import { operator } from '../support/people.ts';
import { aWorld, type World } from '../support/world.ts';

const ADA = operator('ada');
const GRACE = operator('grace');
const LINUS = operator('linus');
const PAGE = { limit: 10, cursor: null };

/** Two people have to approve for the only ring. */
const twoEyes = (ring: { askerKnown?: boolean; approvals?: number } = {}) =>
  aWorld(aService({ rings: [{ name: 'canary', bake: '15m', approvals: 2, ...ring }] }), { errors: aRule() });

const give = ({ ports }: World, by: RequestContext, release = 'checkout@1.0') =>
  approve(ports, by, { release, ring: 'canary', comment: 'looks good' });

const approval = async (world: World, actor?: string) => {
  const decision = await world.ask('1.0', 'canary', 'enter', actor === undefined ? {} : { actor });
  return decision.findings.find((finding) => finding.check === 'approval');
};

describe('Approvals', () => {
  it('are counted by person, and the finding lists who has approved and how many are missing', async () => {
    const world = await twoEyes();
    expect(await approval(world)).toMatchObject({
      cause: 'approval-missing',
      clears: 'by-person',
      because: 'checkout@1.0 needs 2 more approvals for canary (2 in all; nobody has approved).',
      action: { who: 'operator', do: 'POST /approvals {"release":"checkout@1.0","ring":"canary"}' },
    });
    await give(world, ADA);
    const one = await approval(world);
    expect(one?.because).toBe('checkout@1.0 needs 1 more approval for canary (2 in all; approved by ada).');
    expect(one?.evidence).toMatchObject({ needed: '2', missing: '1', given: [{ by: 'ada', comment: 'looks good' }] });
    await give(world, GRACE);
    expect(await world.ask('1.0', 'canary')).toMatchObject({ verdict: 'promote' });
    expect(await approval(world)).toMatchObject({ cause: 'approved', evidence: { missing: '0' } });
  });

  it('of one person twice are a conflict that names the earlier one, also with another token of that name', async () => {
    const world = await twoEyes();
    const { id } = await give(world, ADA);
    for (const by of [ADA, operator('ada'), operator(' ADA ')]) {
      await expect(give(world, by)).rejects.toMatchObject({ code: 'conflict', message: new RegExp(id) });
    }
  });

  it('of one person in two forms of Unicode are one', async () => {
    const world = await twoEyes();
    await give(world, operator('José'));
    await expect(give(world, operator('Jose\u0301'))).rejects.toMatchObject({ code: 'conflict' });
    expect(await approval(world)).toMatchObject({ cause: 'approval-missing', evidence: { missing: '1' } });
  });

  it('given at the same moment by one person count once', async () => {
    const world = await twoEyes();
    world.ports.store.beforeAppend = () => give(world, ADA);
    await expect(give(world, ADA)).rejects.toMatchObject({ code: 'conflict' });
    expect((await listApprovals(world.ports, null, true, PAGE)).items).toHaveLength(1);
  });

  it('are refused from whoever asked, whatever case their name was written in', async () => {
    const world = await twoEyes();
    await world.ask('1.0', 'canary', 'enter', { actor: 'Ada' });
    await expect(give(world, ADA)).rejects.toMatchObject({
      code: 'forbidden',
      message: /somebody else has to approve/,
    });
    await expect(give(world, ADA, 'checkout@1.1')).resolves.toMatchObject({ release: 'checkout@1.1' });
  });

  it('do not count when it turns out later that the person asked', async () => {
    const world = await twoEyes({ approvals: 1 });
    await give(world, ADA);
    expect(await approval(world, 'ADA')).toMatchObject({ cause: 'approval-missing', evidence: { given: [] } });
    expect(await approval(world, 'linus')).toMatchObject({ cause: 'approval-missing', evidence: { given: [] } });
  });

  it('do not help where the asker has to be known and is not', async () => {
    const world = await twoEyes({ approvals: 1, askerKnown: true });
    await give(world, ADA);
    expect(await approval(world)).toMatchObject({
      cause: 'approval-missing',
      because: 'canary wants to know who asks for checkout@1.0, and nobody was named.',
    });
    expect(await approval(world, 'linus')).toMatchObject({ cause: 'approved' });
  });

  it('lapse when the release has to start again, and can then be given again', async () => {
    const world = await twoEyes({ approvals: 1 });
    await give(world, ADA);
    await world.ask('1.0', 'canary');
    await world.report('1.0', 'canary', { state: 'deployed' });
    await world.report('1.0', 'canary', { state: 'rolled-back', reason: 'it smells' });
    await world.clear('1.0');
    world.minutes(1);
    expect(await approval(world)).toMatchObject({ cause: 'approval-missing' });
    await give(world, ADA);
    expect(await approval(world)).toMatchObject({ cause: 'approved' });
  });

  it('lapse when the stay in the ring has ended, but not for a failed deployment that is repeated', async () => {
    const world = await twoEyes({ approvals: 1 });
    await give(world, ADA);
    await world.ask('1.0', 'canary');
    await world.report('1.0', 'canary', { state: 'failed' });
    expect(await approval(world)).toMatchObject({ cause: 'approved' });
    await world.report('1.0', 'canary', { state: 'deployed' });
    world.minutes(1);
    await world.report('1.0', 'canary', { state: 'abandoned' });
    expect(await approval(world)).toMatchObject({ cause: 'approval-missing' });
    world.minutes(1);
    await give(world, ADA);
    expect(await approval(world)).toMatchObject({ cause: 'approved' });
  });

  it('are refused for what nobody has to approve and for what is not there', async () => {
    const world = await twoEyes({ approvals: 0 });
    await expect(give(world, ADA)).rejects.toMatchObject({ code: 'conflict', message: /asks for no approvals/ });
    await expect(give(world, ADA, 'cart@1.0')).rejects.toMatchObject({ code: 'not-found' });
    const elsewhere = approve(world.ports, ADA, { release: 'checkout@1.0', ring: 'moon' });
    await expect(elsewhere).rejects.toMatchObject({ code: 'not-found', message: /no ring "moon"; it has canary/ });
    expect(world.ports.store.bodies().filter(({ kind }) => kind === 'approval-create')).toEqual([]);
  });

  it('are recorded with who, what and the comment', async () => {
    const world = await twoEyes();
    const made = await give(world, ADA);
    expect(world.ports.store.bodies().at(-1)).toMatchObject({
      id: made.id,
      kind: 'approval-create',
      release: 'checkout@1.0',
      ring: 'canary',
      actor: 'ada',
      reason: 'looks good',
      after: made,
    });
  });
});

describe('Withdrawing an approval', () => {
  it('makes it missing again, is recorded, and lets the person approve anew', async () => {
    const world = await twoEyes({ approvals: 1 });
    const { id } = await give(world, ADA);
    await withdrawApproval(world.ports, LINUS, id);
    expect(await approval(world)).toMatchObject({ cause: 'approval-missing' });
    expect(world.ports.store.bodies().find(({ kind }) => kind === 'approval-withdraw')).toMatchObject({
      actor: 'linus',
      ring: 'canary',
      before: { id, withdrawn: null },
      after: { id, withdrawn: { by: { name: 'linus' } } },
    });
    await give(world, ADA);
    expect(await approval(world)).toMatchObject({ cause: 'approved' });
  });

  it('twice is a conflict that names who was first', async () => {
    const world = await twoEyes();
    const { id } = await give(world, ADA);
    await withdrawApproval(world.ports, LINUS, id);
    const again = withdrawApproval(world.ports, ADA, id);
    await expect(again).rejects.toMatchObject({ code: 'conflict', message: /^linus has withdrawn/ });
  });

  it('leaves it in the full list of its release only', async () => {
    const world = await twoEyes();
    const { id } = await give(world, ADA);
    await give(world, ADA, 'checkout@1.1');
    await withdrawApproval(world.ports, ADA, id);
    const of = (version: string) => ({ service: 'checkout', version });
    expect((await listApprovals(world.ports, of('1.0'), true, PAGE)).items).toEqual([]);
    expect((await listApprovals(world.ports, of('1.0'), false, PAGE)).items).toMatchObject([{ id }]);
    expect((await listApprovals(world.ports, null, true, PAGE)).items).toMatchObject([{ release: 'checkout@1.1' }]);
  });
});
