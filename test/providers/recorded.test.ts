import { describe, expect, it } from 'vitest';
import type { RecordedAnswer } from '../../src/app/ports.ts';
import type { MetricQuestion } from '../../src/domain/measurement.ts';
import { providersForTest } from './asking.ts';

const answers: RecordedAnswer[] = [
  { contains: ['code=~"5.."', 'canary'], value: '3' },
  { contains: ['code=~"5.."'], outcome: 'no-data' },
  { part: 'total', value: '1000' },
];

const { ask } = providersForTest();
const measured = async (question: Partial<MetricQuestion>, recorded: readonly RecordedAnswer[] = answers) =>
  (await ask({ kind: 'recorded', answers: recorded }, 1000, question)).measurement;

describe('a recorded provider', () => {
  it('answers with the first entry of which everything matches', async () => {
    expect(await measured({ query: 'x{code=~"5..",ring="canary"}' })).toEqual({ kind: 'value', value: '3' });
    expect(await measured({ query: 'x{code=~"5..",ring="early"}' })).toEqual({ kind: 'no-data' });
    expect(await measured({ query: 'x', part: 'total' })).toEqual({ kind: 'value', value: '1000' });
  });

  it('has no data for what nobody recorded', async () => {
    expect(await measured({ query: 'x', part: 'value' })).toEqual({ kind: 'no-data' });
    expect((await ask({ kind: 'recorded' }, 1000)).measurement).toEqual({ kind: 'no-data' });
  });

  it('is fresh unless an entry is about the age', async () => {
    const everything = { value: '7' };
    const old = { part: 'age', value: '900' } as const;
    expect(await measured({ part: 'age' }, [everything])).toEqual({ kind: 'value', value: '0' });
    expect(await measured({ part: 'age' }, [everything, old])).toEqual({ kind: 'value', value: '900' });
  });

  it.each([
    [{ outcome: 'unavailable' }, 'unavailable'],
    [{ outcome: 'deadline-exceeded' }, 'deadline-exceeded'],
    [{ outcome: 'rejected' }, 'rejected'],
    [{ outcome: 'partial' }, 'partial'],
    [{ outcome: 'too-many-series' }, 'too-many-series'],
    [{ value: 'NaN' }, 'not-a-number'],
    [{ value: '+Inf' }, 'not-a-number'],
    [{ value: 'plenty' }, 'unavailable'],
    [{}, 'unavailable'],
  ] as const)('answers %j as %s', async (answer, kind) => {
    expect((await measured({}, [answer])).kind).toBe(kind);
  });
});
