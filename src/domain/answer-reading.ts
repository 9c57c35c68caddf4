import type { Cause } from './cause.ts';
import type { Clears } from './finding.ts';
import type { Measured, Measurement, UnavailableReason } from './measurement.ts';
import type { Asked } from './probe.ts';

/** From one recorded answer to its number, or to the reason why there is none. */
export interface Unknown {
  readonly cause: Cause;
  readonly clears: Clears;
  readonly detail: Readonly<Record<string, unknown>>;
}

export type Answers = ReadonlyMap<string, Measured>;
export type Read<T> = T | { readonly unknown: Unknown };

/** The number that answers a question of a rule; `provider` is what the rule says, where nothing was asked. */
export function numberOf(
  { id, part }: Pick<Asked, 'id' | 'part'>,
  answers: Answers,
  provider: string,
): Read<{ readonly number: number }> {
  const answer = answers.get(id);
  if (answer === undefined) return unknown('provider-unavailable', 'by-data', { part, provider, reason: 'not-asked' });
  const { measurement } = answer;
  if (measurement.kind !== 'value') return { unknown: unknownFrom(measurement, { part, provider: answer.provider }) };
  const number = Number(measurement.value);
  if (!Number.isFinite(number)) return unknown('not-a-number', 'by-data', { part, value: measurement.value });
  return { number };
}

/** Waiting does not help against these: the provider's configuration has to be mended. */
const NEVER_BY_ITSELF: readonly UnavailableReason[] = ['unauthorized', 'misconfigured', 'address-refused', 'redirect'];

/** Every kind of answer that is not a number, as a cause. */
export function unknownFrom(
  measurement: Exclude<Measurement, { kind: 'value' }>,
  where: Readonly<Record<string, unknown>>,
): Unknown {
  switch (measurement.kind) {
    case 'no-data':
      return { cause: 'no-data', clears: 'by-data', detail: { ...where, reason: 'empty' } };
    case 'not-a-number':
      return { cause: 'not-a-number', clears: 'by-data', detail: { ...where, value: measurement.value } };
    case 'too-many-series':
      return {
        cause: 'too-many-series',
        clears: 'by-person',
        detail: { ...where, series: String(measurement.series) },
      };
    case 'partial':
      return { cause: 'partial-data', clears: 'by-data', detail: { ...where, warnings: measurement.warnings } };
    case 'rejected':
      return { cause: 'query-rejected', clears: 'by-person', detail: { ...where, detail: measurement.detail } };
    case 'unavailable':
      return {
        cause: 'provider-unavailable',
        clears: NEVER_BY_ITSELF.includes(measurement.reason) ? 'by-person' : 'by-data',
        detail: { ...where, reason: measurement.reason, detail: measurement.detail },
      };
    case 'unaskable':
      return { cause: 'invalid-rule', clears: 'by-person', detail: { ...where, detail: measurement.detail } };
    case 'deadline-exceeded':
      return { cause: 'deadline-exceeded', clears: 'by-data', detail: where };
  }
}

/** Not known: why, what clears it, and what a finding shows of it. */
export function unknown(
  cause: Cause,
  clears: Clears,
  detail: Readonly<Record<string, unknown>>,
): { readonly unknown: Unknown } {
  return { unknown: { cause, clears, detail } };
}
