/**
 * What the layers between a question and its provider have in common. Each layer takes an `Ask` and
 * gives one back, adds one thing, and stands in a file of its own; registry.ts puts them together.
 */
import type { MetricProviders, ProviderDocument } from '../app/ports.ts';
import type { Measurement, MetricQuestion, UnavailableReason } from '../domain/measurement.ts';

export type Provider = Parameters<MetricProviders['ask']>[0];

export interface Reading {
  readonly measurement: Measurement;
  readonly infos: readonly string[];
  /** Where one answer tells several parts of an indicator: those that are not `measurement`. */
  readonly parts?: Readonly<Partial<Record<MetricQuestion['part'], Measurement>>>;
  /** Set where the same query may well succeed a moment later: nothing was answered, and nothing is wrong with it. */
  readonly transient?: true;
  /** How long the provider wishes not to be asked. */
  readonly pauseMs?: number;
}

/** The time that one asking has. */
export interface Call {
  readonly signal: AbortSignal;
  leftMs(): number;
}

export type Ask = (provider: Provider, question: MetricQuestion, call: Call) => Promise<Reading>;

export const DEADLINE: Reading = { measurement: { kind: 'deadline-exceeded' }, infos: [] };

export function unavailable(reason: UnavailableReason, detail: string): Reading {
  return { measurement: { kind: 'unavailable', reason, detail }, infos: [] };
}

/** Whole, as text: whatever is changed in a document, its address or the name of its credential, makes another one. */
export function fingerprint(document: ProviderDocument): string {
  return JSON.stringify(document);
}
