import type { Measurement } from '../domain/measurement.ts';
import { isRecord } from './printable.ts';

/** How far outside of what was asked for a point in time may lie: the bucket that holds it began before. */
const TOLERANCE_MS = 3_600_000;

/** One number out of the columns of a v2 scalar answer. Nothing in them, or null, is no data and not zero. */
export function scalarOf(body: Record<string, unknown>): Measurement {
  const columns = attributesOf(body)?.columns;
  if (!Array.isArray(columns)) return unexpected('a scalar answer without columns');
  const series = columns.map((column) => (isRecord(column) && Array.isArray(column.values) ? column.values : null));
  const numbers = columns.flatMap((column, i) => (isRecord(column) && column.type === 'number' ? [series[i]] : []));
  if (series.includes(null) || numbers.length > 1) return unexpected('a scalar answer with unknown columns');
  const rows = Math.max(0, ...series.map((values) => values?.length ?? 0));
  if (rows > 1) return { kind: 'too-many-series', series: rows };
  return rows === 0 ? { kind: 'no-data' } : numberOf(numbers[0]?.[0]);
}

/** Seconds from the newest point of a v2 timeseries answer to `atMs`. Its times are milliseconds. */
export function ageOf(body: Record<string, unknown>, atMs: number, windowMs: number): Measurement {
  const { times, values } = attributesOf(body) ?? {};
  if (!Array.isArray(times) || !Array.isArray(values))
    return unexpected('a timeseries answer without times and values');
  if (values.length > 1) return { kind: 'too-many-series', series: values.length };
  return newest(times, values.length === 0 ? [] : values[0], atMs, windowMs, (value) => typeof value === 'number');
}

/** Seconds from the newest of the points that `counts` to `atMs`; times that nobody asked for are not believed. */
export function newest(
  times: readonly unknown[],
  values: unknown,
  atMs: number,
  windowMs: number,
  counts: (value: unknown) => boolean,
): Measurement {
  if (!Array.isArray(values) || values.length > times.length) return unexpected('points without a time');
  const index = values.findLastIndex(counts);
  if (index < 0) return { kind: 'no-data' };
  const time = times[index];
  if (typeof time !== 'number') return unexpected('a time is not a number');
  if (time < atMs - windowMs - TOLERANCE_MS || time > atMs + TOLERANCE_MS) {
    return unexpected('a time lies outside of what was asked for');
  }
  return { kind: 'value', value: String((atMs - time) / 1000) };
}

/** A number as a value; null is no data. */
export function numberOf(value: unknown): Measurement {
  if (value === null || value === undefined) return { kind: 'no-data' };
  if (typeof value !== 'number' || !Number.isFinite(value)) return unexpected('a value is not a number');
  return { kind: 'value', value: String(value) };
}

/** JSON, but not the documented shape. */
export function unexpected(detail: string): Measurement {
  return { kind: 'unavailable', reason: 'unexpected-answer', detail };
}

function attributesOf({ data }: Record<string, unknown>): Record<string, unknown> | null {
  return isRecord(data) && isRecord(data.attributes) ? data.attributes : null;
}
