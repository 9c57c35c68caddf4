import { describe, expect, it } from 'vitest';
import { ageOf, scalarOf } from '../../src/providers/datadog-data.ts';
import { readMonitor } from '../../src/providers/datadog-monitor.ts';
import { readSloHistory } from '../../src/providers/datadog-slo.ts';

const AT_MS = Date.parse('2026-11-22T10:00:00Z');
const ago = (seconds: number) => AT_MS / 1000 - seconds;
const iso = (seconds: number) => new Date(AT_MS - seconds * 1000).toISOString();
const NO_DATA = { kind: 'no-data' };
const value = (text: string) => ({ kind: 'value', value: text });

describe('numbers out of a query', () => {
  it.each<[unknown, object]>([
    [12.5, value('12.5')],
    [0, value('0')],
    [1e21, value('1e+21')],
    [null, NO_DATA],
    ['NaN', { kind: 'unavailable', reason: 'unexpected-answer' }],
  ])('are read as they are: %j', (number, expected) => {
    const columns = [{ name: 'a', type: 'number', values: [number] }];
    expect(scalarOf({ data: { attributes: { columns } } })).toMatchObject(expected);
  });

  it('are as old as the newest point that has a value', () => {
    const times = [60, 40, 20].map((seconds) => AT_MS - seconds * 1000);
    expect(ageOf({ data: { attributes: { times, values: [[1, 2, null]] } } }, AT_MS, 60_000)).toEqual(value('40'));
  });
});

describe('the history of an SLO', () => {
  const RANGE = { fromMs: AT_MS - 600_000, toMs: AT_MS };
  const times = [AT_MS - 30_000, AT_MS - 20_000, AT_MS - 10_000];
  const sums = (good: unknown, total: unknown, values: unknown = [5, 5, 0]) => ({
    numerator: { sum: good, values },
    denominator: { sum: total, values },
    times,
  });
  const read = (overall: object, series?: object) =>
    readSloHistory({ data: { overall, ...(series && { series }) }, errors: null }, RANGE);

  it('has the sums of an SLO on metrics, and the age of the last events in it', () => {
    expect(read({ sli_value: 99 }, sums(990, 1000))).toEqual({
      measurement: value('1000'),
      infos: [],
      parts: { good: value('990'), age: value('20') },
    });
  });

  it('counts the seconds of an SLO that is about time', () => {
    expect(read({ sli_value: 99.5 })).toEqual({
      measurement: value('600'),
      infos: [],
      parts: { good: value('597'), age: value('0') },
    });
  });

  it.each<[string, object, object | undefined, object]>([
    ['without a status', { sli_value: null }, undefined, NO_DATA],
    ['in the state no_data', { sli_value: 100, state: 'no_data' }, undefined, NO_DATA],
    ['with nothing to divide by', { errors: [{ error_type: 'ZERO_VALUED_DENOMINATOR' }] }, sums(0, 0), NO_DATA],
    [
      'with another error',
      { sli_value: 100, errors: [{ error_type: 'X', error_message: 'half is missing' }] },
      sums(1, 1),
      { kind: 'partial', warnings: ['half is missing'] },
    ],
    ['of more than everything', { sli_value: 101 }, undefined, { reason: 'unexpected-answer' }],
    ['with a status that is text', { sli_value: '100' }, undefined, { reason: 'unexpected-answer' }],
    ['without one of its sums', { sli_value: 100 }, { numerator: {} }, { reason: 'unexpected-answer' }],
    ['with a sum that is null', { sli_value: 100 }, sums(1, null), NO_DATA],
  ])('%s has no counts', (_title, overall, series, expected) => {
    const { measurement, parts } = read(overall, series);
    expect(measurement).toMatchObject(expected);
    if (parts?.good !== undefined) expect(measurement.kind).not.toBe('value');
  });

  it('has no good events either when that sum is missing', () => {
    expect(read({ sli_value: 99 }, sums(null, 1000)).parts?.good).toEqual(NO_DATA);
  });
});

describe('a monitor', () => {
  const monitor = (state: string, more: object = {}) => ({
    overall_state: state,
    overall_state_modified: iso(300),
    ...more,
  });
  const group = (status: string, stamps: object = {}) => ({
    state: { groups: { 'ring:canary,version:1.0': { status, ...stamps }, 'version:0.9': { status: 'Alert' } } },
  });

  it.each<[string, object]>([
    ['OK', value('0')],
    ['Warn', value('1')],
    ['Alert', value('2')],
    ['No Data', NO_DATA],
    ['Ignored', { kind: 'partial' }],
    ['Skipped', { kind: 'partial' }],
    ['Unknown', { kind: 'partial' }],
    ['Fine', { reason: 'unexpected-answer' }],
    ['toString', { reason: 'unexpected-answer' }],
  ])('says %s', (state, expected) => {
    expect(readMonitor(monitor(state), null, AT_MS)).toMatchObject(expected);
  });

  it('says nothing of the time before its present state', () => {
    expect(readMonitor(monitor('Alert'), null, AT_MS - 299_000)).toEqual(value('2'));
    expect(readMonitor(monitor('Alert'), null, AT_MS - 301_000)).toEqual(NO_DATA);
  });

  it('that does not say since when is in alarm is no proof of harm that lasts', () => {
    const since = { overall_state_modified: null };
    expect(readMonitor(monitor('Alert', since), null, AT_MS)).toMatchObject({ reason: 'unexpected-answer' });
    expect(readMonitor(monitor('Alert', { overall_state_modified: 'x' }), null, AT_MS)).toMatchObject({
      reason: 'unexpected-answer',
    });
    const groups = { 'a:b': { status: 'Alert', last_triggered_ts: ago(60) } };
    const told = monitor('Alert', { ...since, state: { groups } });
    expect(readMonitor(told, null, AT_MS)).toEqual(value('2'));
    expect(readMonitor(told, null, AT_MS - 61_000)).toEqual(NO_DATA);
    expect(readMonitor(monitor('OK', since), null, AT_MS)).toEqual(value('0'));
  });

  it('speaks for one group by its tags, in whatever order', () => {
    const stamps = { last_triggered_ts: ago(120), last_resolved_ts: ago(900), last_nodata_ts: null };
    const body = monitor('Alert', group('Warn', stamps));
    expect(readMonitor(body, 'version:1.0,ring:canary', AT_MS)).toEqual(value('1'));
    expect(readMonitor(body, 'version:1.0,ring:canary', AT_MS - 121_000)).toEqual(NO_DATA);
    expect(readMonitor(body, 'version:1.0', AT_MS)).toEqual(NO_DATA);
    expect(readMonitor(monitor('OK', group('OK')), 'version:1.0,ring:canary', AT_MS)).toEqual(value('0'));
    expect(readMonitor(monitor('OK', group('Alert')), 'version:1.0,ring:canary', AT_MS)).toMatchObject({
      reason: 'unexpected-answer',
    });
  });

  it.each<[string, object]>([
    ['a downtime', { matching_downtimes: [{ id: 1 }] }],
    ['a mute', { options: { silenced: { '*': null } } }],
  ])('under %s is not listened to', (_title, more) => {
    expect(readMonitor(monitor('Alert', more), null, AT_MS)).toMatchObject({ kind: 'partial' });
    expect(readMonitor(monitor('OK', more), null, AT_MS)).toMatchObject({ kind: 'partial' });
  });
});
