import { beforeEach, describe, expect, it } from 'vitest';
import { listWarnings } from '../../src/app/live-warnings.ts';
import { aCatalogue, type CatalogueFixture, CHECKOUT, ERRORS, plan, rule } from '../support/catalogue-fixture.ts';

let catalogue: CatalogueFixture;
beforeEach(async () => {
  catalogue = await aCatalogue();
});

describe('warnings', () => {
  const ofCanary = [expect.stringContaining('measured in canary')];

  it('name every ring in which no counted rule is measured', async () => {
    expect((await catalogue.put(CHECKOUT, plan)).warnings).toHaveLength(2);
    expect((await catalogue.put(ERRORS, { ...rule, measuredIn: ['global'] })).warnings).toEqual(ofCanary);
    expect(await listWarnings(catalogue.ports, 'checkout')).toEqual(expect.arrayContaining(ofCanary));
    expect((await catalogue.put(ERRORS, { ...rule, mode: 'observe' })).warnings).toHaveLength(2);
    expect((await catalogue.put(ERRORS, rule)).warnings).toEqual([]);
  });

  it('are not given where the plan allows rings without measurement', async () => {
    expect((await catalogue.put(CHECKOUT, { ...plan, allowUnmeasured: true })).warnings).toEqual([]);
  });

  it('are not silenced by a rule about the whole service', async () => {
    const service = {
      ...rule,
      indicator: { kind: 'threshold', provider: 'main', query: 'max(latency{service="${service}"})' },
    };
    expect((await catalogue.put(ERRORS, service)).warnings).toHaveLength(2);
  });

  it('tell of windows that are shorter than two scrapes of a provider that says how often it scrapes', async () => {
    const limits = { window: '1m', hold: { above: 0.01 } };
    const provider = { kind: 'prometheus', url: 'http://127.0.0.1:9090' };
    const put = async () => (await catalogue.put(ERRORS, { ...rule, limits })).warnings;
    const main = { kind: 'provider', owner: '', name: 'main' } as const;
    expect(await put()).toEqual([]);
    await catalogue.put(main, { ...provider, scrapeInterval: '30s' });
    expect(await put()).toEqual([
      'errors: the window 1m does not always hold two samples, because samples of main are 30s apart: let it be 2m or more',
    ]);
    expect((await catalogue.put(CHECKOUT, { ...plan, allowUnmeasured: true })).warnings).toHaveLength(1);
    await catalogue.put(main, { ...provider, scrapeInterval: '15s' });
    expect(await put()).toEqual([]);
  });

  it.each<[string, object, string]>([
    ['a short window that is not shorter', { burnRates: [{ long: '5m', short: '5m', factor: 2 }] }, 'not shorter'],
    ['a window beyond the objective’s', { burnRates: [{ long: '31d', short: '5m', factor: 2 }] }, 'longer than'],
    ['factors for another period', { burnRates: 'google-28d' }, 'meant for a window of 28d, not of 30d'],
    ['an objective that nothing is about', { limits: { window: '5m', hold: { above: 0.1 } } }, 'by its limits alone'],
  ])('tell of %s', async (_what, fields, told) => {
    const count = 'sum(increase(requests{version="${version}",ring="${ring}"}[${window}]))';
    const indicator = { kind: 'ratio', provider: 'main', bad: count, total: count };
    const { warnings } = await catalogue.put(ERRORS, { indicator, objective: { target: 0.99 }, ...fields });
    expect(warnings).toEqual([expect.stringContaining(told)]);
    const fine = { burnRates: 'google-28d', objective: { target: 0.99, window: '28d' } };
    expect((await catalogue.put(ERRORS, { indicator, ...fine })).warnings).toEqual([]);
  });

  it('say that a rule about the whole service never rolls back', async () => {
    const indicator = { kind: 'threshold', provider: 'main', query: 'max(latency{service="${service}"})' };
    const limits = { rollback: { above: 2 } };
    const { warnings } = await catalogue.put(ERRORS, { ...rule, indicator, limits });
    expect(warnings).toContainEqual(expect.stringContaining('never rolls back'));
  });
});
