import type { Measurement } from './measurement.ts';

const DECIMAL = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?$/;
/** The longest text of a double without exponent, 5e-324, has 326 digits. */
const LONGEST = 400;

/**
 * Reads one sample value as Prometheus writes it: decimal text, `NaN`, `+Inf` or `-Inf`. The text is
 * kept as sent. Null for anything else, also for numbers that only JavaScript would accept (`0x10`,
 * an empty text) and for decimals beyond the range of a double.
 */
export function readSample(text: string): Extract<Measurement, { kind: 'value' | 'not-a-number' }> | null {
  if (text === 'NaN' || text === '+Inf' || text === '-Inf') return { kind: 'not-a-number', value: text };
  if (text.length > LONGEST || !DECIMAL.test(text)) return null;
  return Number.isFinite(Number(text)) ? { kind: 'value', value: text } : null;
}
