import type { Measurement } from '../domain/measurement.ts';
import type { Reading } from './ask.ts';
import { newest, numberOf, unexpected } from './datadog-data.ts';
import { isRecord, printables } from './printable.ts';

export interface HistoryRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * An SLO's history as counts: `good` and `total`, and the `age` of its newest data. One on metrics has
 * the sums of its two queries. The others know only a status in percent of the time, so their events are
 * seconds; this way the budget is (status − target)/(100 − target), as Datadog defines it. Times and sums
 * are Datadog's own, whatever the target is: `error_budget_remaining` is filled only for some kinds.
 */
export function readSloHistory(body: Record<string, unknown>, range: HistoryRange): Reading {
  const { data } = body;
  if (!isRecord(data) || !isRecord(data.overall)) return all(unexpected('a history without an overall status'));
  const failed = failureOf(data.overall);
  if (failed !== null) return all(failed);
  if (data.series !== undefined && data.series !== null) return countsOf(data.series, range);
  return secondsOf(data.overall.sli_value, range);
}

/** Nothing to divide by is no data; any other error means that the status is not to be relied on. */
function failureOf(overall: Record<string, unknown>): Measurement | null {
  const errors = Array.isArray(overall.errors) ? overall.errors.filter(isRecord) : [];
  if (overall.state === 'no_data' || errors.some(({ error_type: type }) => type === 'ZERO_VALUED_DENOMINATOR')) {
    return { kind: 'no-data' };
  }
  if (errors.length === 0) return null;
  const warnings = printables(
    errors.map((error) => error.error_message ?? error.error_type),
    [],
  );
  return { kind: 'partial', warnings: warnings.length > 0 ? warnings : ['an error without text'] };
}

function countsOf(series: unknown, { fromMs, toMs }: HistoryRange): Reading {
  if (!isRecord(series) || !isRecord(series.numerator) || !isRecord(series.denominator)) {
    return all(unexpected('a history without its two sums'));
  }
  const { numerator, denominator, times } = series;
  const isEvent = (value: unknown) => typeof value === 'number' && value > 0;
  const age = newest(Array.isArray(times) ? times : [], denominator.values, toMs, toMs - fromMs, isEvent);
  return parts(numberOf(numerator.sum), numberOf(denominator.sum), age);
}

/** A status is known up to the end of the range, so its data is as old as that. */
function secondsOf(status: unknown, { fromMs, toMs }: HistoryRange): Reading {
  const percent = numberOf(status);
  if (percent.kind !== 'value') return all(percent);
  const seconds = (toMs - fromMs) / 1000;
  const good = (Number(percent.value) / 100) * seconds;
  if (good < 0 || good > seconds) return all(unexpected('a status outside of 0 to 100 percent'));
  return parts(numberOf(good), numberOf(seconds), { kind: 'value', value: '0' });
}

function parts(good: Measurement, total: Measurement, age: Measurement): Reading {
  return { measurement: total, infos: [], parts: { good, age } };
}

function all(measurement: Measurement): Reading {
  return { measurement, infos: [] };
}
