import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { documentsOf, yamlOf } from '../../../src/domain/openslo/open-slo-export.ts';
import { draftsFrom } from '../../../src/domain/openslo/open-slo-import.ts';
import { aBurnRule, aRule, aService, aSloRule } from '../../support/builders.ts';
import { brokenOpenSlo } from '../../support/open-slo-oracle.ts';
import { randomName, randomRule, randomService } from '../../support/random-rules.ts';

const named = fc.uniqueArray(fc.tuple(randomName, randomRule), {
  selector: ([name]) => name,
  minLength: 1,
  maxLength: 4,
});
const exported = fc
  .record({ name: randomName, service: randomService, rules: named })
  .map(({ name, service, rules }) => ({
    ...{ name, service, providers: [{ name: 'main', kind: 'prometheus' }] },
    rules: rules.map(([rule, document]) => ({ name: rule, rule: document })),
  }));

function read(body: unknown) {
  const drafts = draftsFrom(body, null);
  if ('errors' in drafts) return drafts;
  const byName = ({ name, document }: { name: string; document: unknown }) => [name, document] as const;
  return { services: drafts.services.map(byName), rules: new Map(drafts.rules.map(byName)), warnings: drafts.warnings };
}

describe('what is exported as OpenSLO and imported again', () => {
  it('is the very same service and rules, without anything to warn of, as JSON and as YAML', () => {
    fc.assert(
      fc.property(exported, (given) => {
        const documents = documentsOf(given);
        const expected = {
          services: [[given.name, given.service]],
          rules: new Map(given.rules.map(({ name, rule }) => [name, rule])),
          warnings: [],
        };
        expect(read(JSON.parse(JSON.stringify(documents)))).toEqual(expected);
        expect(read(yamlOf(documents))).toEqual(expected);
      }),
      { numRuns: 80 },
    );
  });

  it('is OpenSLO by the rules of its own tools', () => {
    fc.assert(
      fc.property(exported, (given) => {
        expect(documentsOf(given).flatMap(brokenOpenSlo)).toEqual([]);
      }),
      { numRuns: 80 },
    );
  });

  it('says in OpenSLO itself whatever OpenSLO can say', () => {
    const rule = { ...aSloRule(), burnRates: [{ long: '1h', short: '1h', factor: 14.4 }], budget: { holdBelow: 0 } };
    const documents = documentsOf({
      name: 'checkout',
      service: aService(),
      providers: [],
      rules: [{ name: 'availability', rule }],
    });
    expect(documents[0]).toMatchObject({ metadata: { displayName: 'Checkout API', labels: { tier: '1' } } });
    expect(JSON.stringify(documents[1])).not.toContain('ringgate/');
    expect(documents[1]).toMatchObject({
      kind: 'SLO',
      spec: {
        service: 'checkout',
        description: rule.description,
        timeWindow: [{ duration: '30d', isRolling: true }],
        objectives: [{ target: 0.999 }],
        alertPolicies: [{ spec: { conditions: [{ spec: { condition: { threshold: 14.4, lookbackWindow: '1h' } } }] } }],
      },
    });
  });

  it('makes an SLI of a rule that promises nothing', () => {
    const [, document] = documentsOf({
      name: 'checkout',
      service: aService(),
      providers: [],
      rules: [{ name: 'errors', rule: aRule() }],
    });
    expect(document).toMatchObject({
      kind: 'SLI',
      metadata: { annotations: { 'ringgate/service': 'checkout', 'ringgate/minEvents': '100' } },
    });
  });

  it('marks the short window and the verdict of a pair, which OpenSLO does not have', () => {
    const [, document] = documentsOf({
      name: 'checkout',
      service: aService(),
      providers: [],
      rules: [{ name: 'burn', rule: aBurnRule() }],
    });
    const annotations = { 'ringgate/short': '5m', 'ringgate/verdict': 'rollback' };
    expect(document).toMatchObject({
      metadata: { annotations: { 'ringgate/window': 'default' } },
      spec: { alertPolicies: [{ spec: { conditions: [{ metadata: { annotations } }] } }] },
    });
  });
});
