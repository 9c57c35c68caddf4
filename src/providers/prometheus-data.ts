import type { Measurement } from '../domain/measurement.ts';
import { readSample } from '../domain/sample.ts';
import { isRecord } from './printable.ts';

/**
 * The `data` of a successful answer to an instant query: a vector of at most one sample, or a scalar.
 * Everything else that the API can send is named, so that the rule's author can see what is wrong.
 */
export function measurementOfData(data: unknown): Measurement {
  if (!isRecord(data)) return unexpected('the answer has no data');
  const { resultType, result } = data;
  if (resultType === 'scalar') return measurementOfPoint(result);
  if (resultType === 'string') return unexpected('the query gives a string, not a number');
  if (resultType === 'matrix') return unexpected('the query gives a range of values, not one number');
  if (resultType !== 'vector' || !Array.isArray(result)) return unexpected('the answer has no known result type');
  if (result.length > 1) return { kind: 'too-many-series', series: result.length };
  return result.length === 0 ? { kind: 'no-data' } : measurementOfSeries(result[0]);
}

function measurementOfSeries(series: unknown): Measurement {
  if (!isRecord(series) || !isRecord(series.metric)) return unexpected('a series has no labels');
  if (series.histogram !== undefined) return unexpected('the query gives a native histogram, not a number');
  return measurementOfPoint(series.value);
}

function measurementOfPoint(point: unknown): Measurement {
  if (!Array.isArray(point) || point.length !== 2) return unexpected('a sample is not a pair of time and value');
  const [time, value] = point as [unknown, unknown];
  if (typeof time !== 'number' || typeof value !== 'string')
    return unexpected('a sample is not a pair of time and value');
  return readSample(value) ?? unexpected('a sample value is not a number');
}

function unexpected(detail: string): Measurement {
  return { kind: 'unavailable', reason: 'unexpected-answer', detail };
}
