import { describe, expect, it } from 'vitest';
import { approve } from '../../src/app/approvals.ts';
import { withdrawAsker } from '../../src/app/askers.ts';
import type { DecisionBody } from '../../src/app/decision-record.ts';
import type { DecisionDocument } from '../../src/app/documents.ts';
import { githubCaller } from '../../src/app/github-caller.ts';
import type { RequestContext } from '../../src/app/ports.ts';
import { getRelease } from '../../src/app/releases.ts';
import { validity } from '../../src/app/validity.ts';
import { aRule, aService } from '../support/builders.ts';
import { requestBy } from '../support/memory-ports.ts';
import { operator } from '../support/people.ts';
import { aWorld, type World } from '../support/world.ts';

const OLGA = operator('olga');
const GRACE = operator('grace');
const RELEASE = { service: 'checkout', version: '1.0' };
const GITHUB: RequestContext = { ...requestBy('pipeline'), principal: githubCaller('octo') };

/** One person has to approve for the only ring. */
const oneEye = (ring: { askerKnown?: boolean } = {}) =>
  aWorld(aService({ rings: [{ name: 'canary', bake: '15m', approvals: 1, ...ring }] }), { errors: aRule() });
const give = ({ ports }: World, by: RequestContext) => approve(ports, by, { release: 'checkout@1.0', ring: 'canary' });
const takeBack = ({ ports }: World, by: RequestContext, name: string) =>
  withdrawAsker(ports, by, RELEASE, { name, reason: 'the template names everybody' });
const askersOf = async ({ ports }: World) => (await getRelease(ports, RELEASE)).askers;
const namesOf = async (world: World) => (await askersOf(world)).map(({ name, source }) => `${name} ${source}`);

describe('Who has asked for a release', () => {
  it.each([undefined, 'linus', 'ci-bot'])('stays so when the next question names %s', async (next) => {
    const world = await oneEye();
    await give(world, OLGA);
    expect(await world.ask('1.0', 'canary', 'enter', { actor: 'OLGA' })).toMatchObject({ verdict: 'hold' });
    const later = await world.ask('1.0', 'canary', 'enter', next === undefined ? {} : { actor: next });
    expect(later).toMatchObject({ verdict: 'hold' });
    const finding = later.findings.find(({ check }) => check === 'approval');
    expect(finding).toMatchObject({ cause: 'approval-missing', evidence: { given: [], missing: '1' } });
    await give(world, GRACE);
    expect(await world.ask('1.0', 'canary')).toMatchObject({ verdict: 'promote' });
  });

  it('includes operators who ask with their own token, also when they name somebody else', async () => {
    const world = await oneEye();
    await world.ask('1.0', 'canary', 'enter', { by: OLGA, actor: 'linus' });
    await world.ask('1.0', 'canary', 'enter', { by: GRACE, actor: 'Grace' });
    expect(await namesOf(world)).toEqual(['linus stated', 'olga token', 'grace token']);
    for (const by of [OLGA, GRACE]) await expect(give(world, by)).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('includes whom GitHub has signed as the sender', async () => {
    const world = await oneEye();
    await world.ask('1.0', 'canary', 'enter', { by: GITHUB, actor: 'olga' });
    expect(await namesOf(world)).toEqual(['olga github']);
  });

  it('is written with the first decision that names the person, and not with those that follow', async () => {
    const world = await oneEye();
    const first = await world.ask('1.0', 'canary', 'enter', { actor: 'olga' });
    const raised = world.ports.store.revision('service/checkout');
    for (const actor of ['olga', 'Olga', 'OLGA ']) await world.ask('1.0', 'canary', 'enter', { actor });
    expect(world.ports.store.revision('service/checkout')).toBe(raised);
    expect(await askersOf(world)).toMatchObject([{ name: 'olga', decision: first.id, at: first.decidedAt }]);
  });

  it('is told to the one who then wants to approve, with the decision and the way out', async () => {
    const world = await oneEye();
    const { id } = await world.ask('1.0', 'canary', 'enter', { actor: 'olga' });
    await expect(give(world, OLGA)).rejects.toMatchObject({
      code: 'forbidden',
      message: `olga has asked for checkout@1.0 (decision ${id}), so somebody else has to approve it; if a caller has named olga wrongly, another operator takes that back with DELETE /releases/checkout@1.0/askers/olga?reason=…`,
    });
  });

  it('is not whoever tries it out, nor who has asked for another version', async () => {
    const world = await oneEye();
    await world.ask('1.0', 'canary', 'enter', { actor: 'olga', dryRun: true });
    await world.ask('1.0', 'canary', 'enter', { by: OLGA, dryRun: true });
    await world.ask('1.1', 'canary', 'enter', { actor: 'olga' });
    expect(await askersOf(world)).toEqual([]);
    await give(world, OLGA);
    expect(await world.ask('1.0', 'canary')).toMatchObject({ verdict: 'promote' });
  });

  it('stays so when a report makes the release start again', async () => {
    const world = await oneEye();
    await world.ask('1.0', 'canary', 'enter', { actor: 'olga' });
    await world.report('1.0', 'canary', { state: 'deployed' });
    await world.report('1.0', 'canary', { state: 'rolled-back' });
    world.minutes(1);
    expect(await namesOf(world)).toEqual(['olga stated']);
    await expect(give(world, OLGA)).rejects.toMatchObject({ code: 'forbidden' });
    expect(await world.ask('1.0', 'canary')).toMatchObject({ verdict: 'hold' });
  });

  it('lapses when an operator clears the release', async () => {
    const world = await oneEye();
    await give(world, GRACE);
    await world.ask('1.0', 'canary', 'enter', { actor: 'olga' });
    await world.report('1.0', 'canary', { state: 'deployed' });
    await world.report('1.0', 'canary', { state: 'rolled-back', reason: 'it smells' });
    await world.clear('1.0');
    world.minutes(1);
    expect(await askersOf(world)).toEqual([]);
    await give(world, OLGA);
    expect(await world.ask('1.0', 'canary')).toMatchObject({ verdict: 'promote' });
  });

  it('is known where the asker has to be known, also when the next question names nobody', async () => {
    const world = await oneEye({ askerKnown: true });
    await give(world, GRACE);
    expect(await world.ask('1.0', 'canary')).toMatchObject({ verdict: 'hold' });
    await world.ask('1.0', 'canary', 'enter', { actor: 'olga' });
    expect(await world.ask('1.0', 'canary')).toMatchObject({ verdict: 'promote' });
  });

  it('takes a promote away that rests on their approval', async () => {
    const world = await oneEye();
    await give(world, OLGA);
    const promoted = await world.ask('1.0', 'canary');
    expect(promoted.verdict).toBe('promote');
    await world.ask('1.0', 'canary', 'enter', { by: OLGA });
    expect(await validity(world.ports, promoted.id)).toMatchObject({ stands: false });
  });
});

describe('More people than are kept', () => {
  const crowd = async (count: number) => {
    const world = await oneEye();
    for (let i = 1; i <= count; i += 1) await world.ask('1.0', 'canary', 'enter', { actor: `n${i}` });
    return world;
  };
  const approvalOf = ({ findings }: DecisionDocument) => findings.find(({ check }) => check === 'approval');

  it('stand in the facts as many others, once, and the record grows no more', async () => {
    const world = await crowd(101);
    expect(await askersOf(world)).toHaveLength(101);
    expect((await namesOf(world)).slice(-2)).toEqual(['n100 stated', 'many others many']);
    const raised = world.ports.store.revision('service/checkout');
    for (const actor of ['n102', 'n103', 'many others', 'n7']) await world.ask('1.0', 'canary', 'enter', { actor });
    expect(world.ports.store.revision('service/checkout')).toBe(raised);
    const { controls } = (world.ports.store.bodies().at(-1) as unknown as DecisionBody).facts;
    expect(controls?.askers).toHaveLength(100);
    expect(controls).toMatchObject({ askedByMany: true });
  });

  it('are not said of a hundred, of whom each is known', async () => {
    const world = await crowd(100);
    await give(world, OLGA);
    const promoted = await world.ask('1.0', 'canary', 'enter', { actor: 'n100' });
    expect(promoted.verdict).toBe('promote');
    expect(approvalOf(promoted)?.evidence).not.toHaveProperty('askedByMany');
  });

  it('let nobody approve, and take away what was approved before', async () => {
    const world = await crowd(100);
    await give(world, GRACE);
    await world.ask('1.0', 'canary', 'enter', { actor: 'n101' });
    const held = await world.ask('1.0', 'canary');
    expect(held.verdict).toBe('hold');
    expect(approvalOf(held)).toMatchObject({
      cause: 'approval-missing',
      clears: 'by-person',
      because: expect.stringMatching(/^Nobody's approval counts for checkout@1\.0: .+ \(100\)/),
      action: { who: 'operator', do: 'DELETE /releases/checkout@1.0/askers/many%20others?reason=…' },
    });
    await expect(give(world, OLGA)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('DELETE /releases/checkout@1.0/askers/many%20others'),
    });
  });

  it('are taken back by an operator, who then counts as one of them', async () => {
    const world = await crowd(101);
    await takeBack(world, OLGA, 'many others');
    expect((await namesOf(world)).at(-1)).toBe('olga stated');
    await expect(give(world, OLGA)).rejects.toMatchObject({ code: 'forbidden' });
    await give(world, GRACE);
    expect(await world.ask('1.0', 'canary')).toMatchObject({ verdict: 'promote' });
    expect(world.ports.store.bodies().find(({ kind }) => kind === 'asker-withdraw')).toMatchObject({
      before: { name: 'many others', source: 'many' },
      after: { name: 'olga', source: 'stated' },
    });
    await takeBack(world, GRACE, 'olga');
    expect((await namesOf(world)).at(-1)).toBe('n100 stated');
  });

  it('never hide who asked with a token of their own, or was signed by GitHub', async () => {
    const world = await crowd(101);
    await world.ask('1.0', 'canary', 'enter', { by: OLGA });
    await world.ask('1.0', 'canary', 'enter', { by: GITHUB, actor: 'grace' });
    expect((await namesOf(world)).slice(-2)).toEqual(['olga token', 'grace github']);
    await takeBack(world, operator('linus'), 'many others');
    for (const by of [OLGA, GRACE]) await expect(give(world, by)).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('are forgotten with the others when an operator clears the release', async () => {
    const world = await crowd(101);
    await world.report('1.0', 'canary', { state: 'deployed' });
    await world.report('1.0', 'canary', { state: 'rolled-back', reason: 'it smells' });
    await world.clear('1.0');
    expect(await askersOf(world)).toEqual([]);
  });
});

describe('A question and an approval at the same moment', () => {
  it('do not both pass when the question names who approves, whichever is first', async () => {
    const approving = await oneEye();
    approving.ports.store.beforeAppend = () => approving.ask('1.0', 'canary', 'enter', { actor: 'olga' });
    await expect(give(approving, OLGA)).rejects.toMatchObject({ code: 'forbidden' });

    const asking = await oneEye();
    asking.ports.store.beforeAppend = () => give(asking, OLGA);
    expect(await asking.ask('1.0', 'canary', 'enter', { actor: 'olga' })).toMatchObject({ verdict: 'hold' });
  });

  it('do not both pass when another question that names them slips in before a promote', async () => {
    const world = await oneEye();
    await give(world, OLGA);
    world.ports.store.beforeAppend = () => world.ask('1.0', 'canary', 'enter', { actor: 'olga' });
    expect(await world.ask('1.0', 'canary')).toMatchObject({ verdict: 'hold' });
  });

  it('leave the person on record also where the state never kept still for long enough to decide', async () => {
    const world = await oneEye();
    const disturb = async () => {
      world.ports.store.touch('service/checkout');
      world.ports.store.beforeAppend = disturb;
    };
    world.ports.store.beforeAppend = disturb;
    expect(await world.ask('1.0', 'canary', 'enter', { actor: 'olga' })).toMatchObject({ verdict: 'hold' });
    world.ports.store.beforeAppend = null;
    expect(await namesOf(world)).toEqual(['olga stated']);
  });
});

describe('That somebody has asked', () => {
  it('can be taken back by another operator where a caller has only said so; then they may approve', async () => {
    const world = await oneEye();
    await world.ask('1.0', 'canary', 'enter', { actor: 'Olga' });
    await takeBack(world, GRACE, 'olga');
    expect(await askersOf(world)).toEqual([]);
    await give(world, OLGA);
    expect(await world.ask('1.0', 'canary')).toMatchObject({ verdict: 'promote' });
    expect(world.ports.store.bodies().find(({ kind }) => kind === 'asker-withdraw')).toMatchObject({
      actor: 'grace',
      release: 'checkout@1.0',
      service: 'checkout',
      reason: 'the template names everybody',
      before: { name: 'Olga', source: 'stated' },
      after: null,
    });
  });

  it('is so again when a later question names them again', async () => {
    const world = await oneEye();
    await give(world, OLGA);
    await world.ask('1.0', 'canary', 'enter', { actor: 'olga' });
    await takeBack(world, GRACE, 'olga');
    expect(await world.ask('1.0', 'canary', 'enter', { actor: 'olga' })).toMatchObject({ verdict: 'hold' });
  });

  it('is never taken back by the person', async () => {
    const world = await oneEye();
    await world.ask('1.0', 'canary', 'enter', { actor: 'olga' });
    for (const name of ['olga', ' OLGA'])
      await expect(takeBack(world, OLGA, name)).rejects.toMatchObject({ code: 'forbidden' });
    expect(await namesOf(world)).toEqual(['olga stated']);
  });

  it.each([
    ['with a token of their own', { by: OLGA }, /with a token of that name/],
    ['at GitHub', { by: GITHUB, actor: 'olga' }, /at GitHub/],
  ])('is never taken back of those who asked %s', async (_, more, because) => {
    const world = await oneEye();
    await world.ask('1.0', 'canary', 'enter', { actor: 'olga' });
    await world.ask('1.0', 'canary', 'enter', more);
    await expect(takeBack(world, GRACE, 'olga')).rejects.toMatchObject({ code: 'conflict', message: because });
  });

  it('cannot be taken back of those who have not, or in a service that is not there', async () => {
    const world = await oneEye();
    await world.ask('1.0', 'canary', 'enter', { actor: 'linus' });
    await expect(takeBack(world, GRACE, 'olga')).rejects.toMatchObject({ code: 'not-found' });
    const elsewhere = withdrawAsker(
      world.ports,
      GRACE,
      { service: 'nowhere', version: '1' },
      { name: 'a', reason: 'b' },
    );
    await expect(elsewhere).rejects.toMatchObject({ code: 'not-found' });
  });

  it('counts again when they ask while it is taken back', async () => {
    const world = await oneEye();
    await world.ask('1.0', 'canary', 'enter', { actor: 'olga' });
    world.ports.store.beforeAppend = () => world.ask('1.0', 'canary', 'enter', { by: OLGA });
    await expect(takeBack(world, GRACE, 'olga')).rejects.toMatchObject({ code: 'conflict' });
  });
});
