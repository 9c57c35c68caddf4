import { beforeEach, describe, expect, it } from 'vitest';
import { etagOf, getConfig, listConfigs } from '../../src/app/catalogue.ts';
import {
  aCatalogue,
  asking,
  type CatalogueFixture,
  CHECKOUT,
  ERRORS,
  MAIN,
  plan,
  recorded,
  rule,
} from '../support/catalogue-fixture.ts';

let catalogue: CatalogueFixture;
beforeEach(async () => {
  catalogue = await aCatalogue();
});

describe('saving', () => {
  it('creates first and replaces after, and gives back exactly what was put', async () => {
    expect(await catalogue.put(ERRORS, rule)).toMatchObject({
      created: true,
      row: { document: rule, etag: etagOf(rule) },
    });
    const changed = { ...rule, description: 'slow' };
    expect(await catalogue.put(ERRORS, changed)).toMatchObject({ created: false, row: { etag: etagOf(changed) } });
    expect((await getConfig(catalogue.ports, ERRORS)).document).toEqual(changed);
    expect((await listConfigs(catalogue.ports, 'rule', 'checkout', { limit: 10, cursor: null })).items).toHaveLength(1);
  });

  it('records who changed what, before and after, and why', async () => {
    await catalogue.put(ERRORS, rule);
    await catalogue.put(ERRORS, { ...rule, description: 'slow' }, { reason: 'INC-7' });
    await catalogue.remove(ERRORS, { reason: 'moved' });
    expect(catalogue.ports.store.bodies().slice(2)).toMatchObject([
      { kind: 'rule-put', before: null, beforeHash: null, after: rule, afterHash: etagOf(rule), reason: null },
      { kind: 'rule-put', before: rule, beforeHash: etagOf(rule), after: { description: 'slow' }, reason: 'INC-7' },
      {
        kind: 'rule-delete',
        service: 'checkout',
        config: { kind: 'rule', owner: 'checkout', name: 'errors' },
        after: null,
        reason: 'moved',
      },
    ]);
    expect(catalogue.ports.store.bodies().at(-1)).toMatchObject({
      caller: { name: 'a-configurator' },
      afterHash: null,
    });
    expect(catalogue.ports.changes.at(-1)).toEqual({ kind: 'rule-delete', subject: 'checkout/errors' });
  });

  it('records a PUT that changes nothing as well, and keeps its ETag', async () => {
    const first = await catalogue.put(ERRORS, rule);
    const second = await catalogue.put(
      ERRORS,
      { limits: rule.limits, indicator: rule.indicator },
      { reason: 'confirmed' },
    );
    expect(second).toMatchObject({ created: false, row: { etag: first.row.etag } });
    expect(catalogue.ports.store.bodies().at(-1)).toMatchObject({
      reason: 'confirmed',
      beforeHash: first.row.etag,
      afterHash: first.row.etag,
    });
  });

  it('raises only what decisions about that service go by, and global for a provider', async () => {
    const before = catalogue.ports.store.revision('global');
    await catalogue.put(ERRORS, rule);
    expect(catalogue.ports.store.revision('service/checkout')).toBe(2);
    await catalogue.put(ERRORS, { ...rule, description: 'x' });
    expect([catalogue.ports.store.revision('service/checkout'), catalogue.ports.store.revision('global')]).toEqual([
      3,
      before + 1,
    ]);
    await catalogue.put(MAIN, { ...recorded, delay: '1m' });
    expect([catalogue.ports.store.revision('service/checkout'), catalogue.ports.store.revision('global')]).toEqual([
      3,
      before + 2,
    ]);
  });

  it('names every error at once and writes nothing', async () => {
    const broken = {
      rings: [
        { name: 'Canary!', bake: 'soon' },
        { name: 'late', bake: '1h', after: ['nowhere'] },
      ],
    };
    await expect(catalogue.put(CHECKOUT, broken)).rejects.toMatchObject({
      code: 'invalid-request',
      errors: [{ pointer: '/rings/0/name' }, { pointer: '/rings/0/bake' }, { pointer: '/rings/1/after/0' }],
    });
    await expect(catalogue.put(ERRORS, asking('nobody'))).rejects.toMatchObject({
      errors: [{ pointer: '/indicator/provider' }],
    });
    await expect(catalogue.put(MAIN, { kind: 'prometheus' })).rejects.toMatchObject({ errors: [{ pointer: '/url' }] });
    expect(catalogue.ports.store.bodies()).toHaveLength(2);
  });

  it('refuses control characters, because what is kept exactly cannot be scrubbed', async () => {
    await expect(catalogue.put(CHECKOUT, { ...plan, title: 'a\u0000b' })).rejects.toMatchObject({
      code: 'invalid-request',
      errors: [{ pointer: '/title' }],
    });
  });

  it('says which service a rule lacks', async () => {
    await expect(catalogue.put({ ...ERRORS, owner: 'shop' }, rule)).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(/service "shop"; .*PUT \/services\/shop adds it/),
    });
    await expect(listConfigs(catalogue.ports, 'rule', 'shop', { limit: 10, cursor: null })).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});

describe('preconditions', () => {
  it('let only the holder of the current ETag replace or delete', async () => {
    const { row } = await catalogue.put(CHECKOUT, plan, { ifMatch: `"${etagOf(plan)}"` });
    const changed = await catalogue.put(CHECKOUT, { ...plan, title: 'Checkout' }, { ifMatch: `"x", "${row.etag}"` });
    for (const stale of [`"${row.etag}"`, `W/"${changed.row.etag}"`]) {
      await expect(catalogue.put(CHECKOUT, plan, { ifMatch: stale })).rejects.toMatchObject({
        code: 'precondition-failed',
      });
      await expect(catalogue.remove(CHECKOUT, { ifMatch: stale })).rejects.toMatchObject({
        code: 'precondition-failed',
      });
    }
    await catalogue.remove(CHECKOUT, { ifMatch: `"${changed.row.etag}"` });
  });

  it('let If-None-Match: * only create, also when two try at once', async () => {
    await expect(catalogue.put(CHECKOUT, plan, { ifNoneMatch: '*' })).rejects.toMatchObject({
      code: 'precondition-failed',
    });
    const both = await Promise.allSettled([
      catalogue.put(ERRORS, rule, { ifNoneMatch: '*' }),
      catalogue.put(ERRORS, rule, { ifNoneMatch: '*' }),
    ]);
    expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('ETags', () => {
  it('are the hash of the canonical document, so the order of keys does not matter', () => {
    expect(etagOf({ a: 1, b: [1, 2] })).toBe(etagOf({ b: [1, 2], a: 1 }));
    expect(etagOf({ a: 1 })).not.toBe(etagOf({ a: 2 }));
    expect(etagOf({})).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
  });
});
