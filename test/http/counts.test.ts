import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aRule, aService } from '../support/builders.ts';
import { type MemoryGate, startMemoryGate } from '../support/memory-gate.ts';

const SELECTOR = 'service="${service}",version="${version}",ring="${ring}"';
const count = (matchers = '') => `sum(increase(e{${SELECTOR}${matchers}}[\${window}]))`;
const FAILED = count(',code=~"5.."');

describe('What cannot be a count', () => {
  let gate: MemoryGate;

  beforeAll(async () => {
    gate = await startMemoryGate();
    await gate.put('/providers/main', { kind: 'recorded', answers: [] });
    await gate.put('/services/checkout', aService());
  });
  afterAll(() => gate.stop());

  const withBad = (bad: string) => aRule({ indicator: { kind: 'ratio', provider: 'main', bad, total: count() } });

  it.each([
    ['a share', `${FAILED} / ${count()}`, FAILED],
    ['a rate', `sum(rate(e{${SELECTOR}}[\${window}])) * 1`, count()],
    ['a number of series', `count(rate(e{${SELECTOR}}[\${window}]))`, count()],
    ['a comparison', `${FAILED} > bool 100`, FAILED],
    ['one or the other', `${FAILED} or ${count()}`, `${FAILED} + ${count()}`],
    ['another window', FAILED.replace('${window}', '30s'), FAILED],
    ['another scale', `${FAILED} * 0.0001`, 'scale both alike'],
    ['what can never match', count(',ring!="${ring}"'), 'can never match'],
    ['a placeholder of another tool', count(',pod=~"{{ target }}-.*"'), 'placeholder'],
  ])('is refused with what to write instead when a rule is saved or tried: %s', async (_what, bad, instead) => {
    const errors = [{ pointer: '/indicator/bad', message: expect.stringContaining(instead) }];
    for (const [method, path] of [
      ['PUT', '/services/checkout/rules/errors'],
      ['POST', '/services/checkout/rules/errors/preview?version=1'],
    ] as const) {
      const { status, body } = await gate.call(method, path, withBad(bad));
      expect({ path, status, errors: body.errors }).toMatchObject({ path, status: 400, errors });
    }
  });

  it('is refused in an OpenSLO document, at its own place there', async () => {
    const query = (text: string) => ({
      metricSource: { metricSourceRef: 'main', type: 'prometheus', spec: { query: text } },
    });
    const slo = {
      apiVersion: 'openslo/v1',
      kind: 'SLO',
      metadata: { name: 'errors' },
      spec: {
        service: 'checkout',
        budgetingMethod: 'Occurrences',
        timeWindow: [{ duration: '30d', isRolling: true }],
        objectives: [{ target: 0.99 }],
        indicator: {
          metadata: { name: 'errors' },
          spec: { ratioMetric: { bad: query(`${FAILED} / ${count()}`), total: query(count()) } },
        },
      },
    };
    const { status, body } = await gate.call('POST', '/openslo', slo);
    const message = expect.stringContaining(`write ${FAILED} here`);
    expect({ status, errors: body.errors }).toMatchObject({
      status: 400,
      errors: expect.arrayContaining([expect.objectContaining({ message })]),
    });
  });

  it('is warned of where it can be one, but is not known when a side of it is absent', async () => {
    const { status, body } = await gate.call(
      'PUT',
      '/services/checkout/rules/slow',
      withBad(`${count()} - ${count(',le="1"')}`),
    );
    expect(status).toBe(201);
    expect(body.warnings.join('\n')).toMatch(/slow: bad is a difference[\s\S]*le=~"1\|1\.0"/);
  });
});
