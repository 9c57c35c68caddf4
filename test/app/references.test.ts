import { beforeEach, describe, expect, it } from 'vitest';
import { getConfig, listConfigs } from '../../src/app/catalogue.ts';
import {
  aCatalogue,
  asking,
  type CatalogueFixture,
  CHECKOUT,
  ERRORS,
  MAIN,
  plan,
  recorded,
  regional,
  rule,
} from '../support/catalogue-fixture.ts';

let catalogue: CatalogueFixture;
beforeEach(async () => {
  catalogue = await aCatalogue();
});

describe('what others use', () => {
  beforeEach(() => catalogue.put(ERRORS, rule));

  it('cannot be deleted: a provider with rules, a service with rules or live releases', async () => {
    await expect(catalogue.remove(MAIN)).rejects.toMatchObject({
      code: 'in-use',
      message: expect.stringMatching(/checkout\/errors/),
    });
    await expect(catalogue.remove(CHECKOUT)).rejects.toMatchObject({
      code: 'in-use',
      message: expect.stringMatching(/checkout\/errors/),
    });
    await catalogue.remove(ERRORS);
    await catalogue.live('canary');
    await expect(catalogue.remove(CHECKOUT)).rejects.toMatchObject({
      code: 'in-use',
      errors: [{ message: 'checkout@1.4.2 is live in canary' }],
    });
    await catalogue.remove(MAIN);
    expect((await listConfigs(catalogue.ports, 'provider', null, { limit: 10, cursor: null })).items).toEqual([]);
  });

  it('cannot be deleted: a provider that a rule finds through a label', async () => {
    const other = { ...MAIN, name: 'other' };
    await catalogue.put(other, recorded);
    await catalogue.put(CHECKOUT, regional);
    await catalogue.put(ERRORS, asking('${labels.prom}'));
    await expect(catalogue.remove(other)).rejects.toMatchObject({
      code: 'in-use',
      message: expect.stringMatching(/checkout\/errors/),
    });
    await catalogue.put(ERRORS, { ...asking('${labels.prom}'), measuredIn: ['canary'] });
    await catalogue.remove(other);
    await expect(catalogue.remove(MAIN)).rejects.toMatchObject({ code: 'in-use' });
  });

  it('cannot lose its ring: a rule that names it, a release that is live or promised there', async () => {
    const canaryOnly = { rings: [{ name: 'canary', bake: '15m' }] };
    await catalogue.put(ERRORS, { ...rule, measuredIn: ['global'] });
    await catalogue.live('global');
    await catalogue.live('global', {
      n: 2,
      phase: 'promised',
      version: '1.4.3',
      liveAt: null,
      leaseUntil: '2026-11-22T10:10:00.000Z',
    });
    await expect(catalogue.put(CHECKOUT, canaryOnly)).rejects.toMatchObject({
      code: 'in-use',
      errors: [
        { message: 'the rule checkout/errors: /measuredIn/0: there is no ring named global' },
        { message: 'checkout@1.4.2 is live in global' },
        { message: 'checkout@1.4.3 has a promise to enter global' },
      ],
    });
    expect((await getConfig(catalogue.ports, CHECKOUT)).document).toEqual(plan);
  });

  it('is free again when its lives have ended and its promises have run out', async () => {
    await catalogue.live('global', { phase: 'ended', end: 'superseded' });
    await catalogue.live('global', { n: 2, phase: 'promised', liveAt: null, leaseUntil: '2026-11-22T10:00:00.000Z' });
    await expect(catalogue.put(CHECKOUT, { rings: [{ name: 'canary', bake: '15m' }] })).resolves.toMatchObject({
      created: false,
    });
  });

  it('cannot be missing: what is deleted must be there', async () => {
    await expect(catalogue.remove({ ...ERRORS, name: 'none' })).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(/checkout\/none/),
    });
    await expect(getConfig(catalogue.ports, { ...MAIN, name: 'none' })).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('changes at the same time', () => {
  it('are checked again: a rule never refers to a provider that was deleted in between', async () => {
    catalogue.ports.store.beforeAppend = () => catalogue.remove(MAIN);
    await expect(catalogue.put(ERRORS, rule)).rejects.toMatchObject({
      code: 'invalid-request',
      errors: [{ pointer: '/indicator/provider' }],
    });
  });

  it('are checked again: a provider is never deleted under a rule that was saved in between', async () => {
    catalogue.ports.store.beforeAppend = () => catalogue.put(ERRORS, rule);
    await expect(catalogue.remove(MAIN)).rejects.toMatchObject({ code: 'in-use' });
  });

  it('are checked again: nor under a plan that began to name it in between', async () => {
    const other = { ...MAIN, name: 'other' };
    await catalogue.put(other, recorded);
    await catalogue.put(CHECKOUT, { rings: [{ name: 'canary', bake: '15m', labels: { prom: 'main' } }] });
    await catalogue.put(ERRORS, asking('${labels.prom}'));
    catalogue.ports.store.beforeAppend = () => catalogue.put(CHECKOUT, regional);
    await expect(catalogue.remove(other)).rejects.toMatchObject({ code: 'in-use' });
  });

  it('are checked again: a ring is never removed under a release that went live in between', async () => {
    catalogue.ports.store.beforeAppend = () => catalogue.live('global');
    await expect(catalogue.put(CHECKOUT, { rings: [{ name: 'canary', bake: '1m' }] })).rejects.toMatchObject({
      code: 'in-use',
    });
  });

  it('are tried five times in all, then it is a conflict and nothing was written', async () => {
    const touch = async (): Promise<void> => {
      catalogue.ports.store.touch('service/checkout');
      catalogue.ports.store.beforeAppend = touch;
    };
    await touch();
    await expect(catalogue.put(CHECKOUT, { ...plan, title: 'x' })).rejects.toMatchObject({ code: 'conflict' });
    expect((await getConfig(catalogue.ports, CHECKOUT)).document).toEqual(plan);
    expect(catalogue.ports.store.revision('service/checkout')).toBe(1 + 6);
    expect(catalogue.ports.changes).toHaveLength(2);
  });

  it('leave no half of a change behind when the store fails', async () => {
    catalogue.ports.store.fault = 'lost-before';
    await expect(catalogue.put(ERRORS, rule)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(getConfig(catalogue.ports, ERRORS)).rejects.toMatchObject({ code: 'not-found' });
    expect(catalogue.ports.store.bodies()).toHaveLength(2);
  });
});
