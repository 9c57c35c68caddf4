import { beforeEach, describe, expect, it } from 'vitest';
import { listWarnings } from '../../src/app/plan-warnings.ts';
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
    expect(await listWarnings(catalogue.ports, 'checkout')).toEqual(ofCanary);
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

  it('say that a rule about the whole service never rolls back', async () => {
    const indicator = { kind: 'threshold', provider: 'main', query: 'max(latency{service="${service}"})' };
    const limits = { rollback: { above: 2 } };
    const { warnings } = await catalogue.put(ERRORS, { ...rule, indicator, limits });
    expect(warnings).toContainEqual(expect.stringContaining('never rolls back'));
  });
});
