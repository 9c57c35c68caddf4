import { durationMs } from './duration.ts';
import { type BurnRate, factorFor } from './slo.ts';

/**
 * The pairs of windows that are in general use, as shares of the budget that an alert lets be spent:
 * 2 % within an hour, 5 % within six, 10 % within a day and within three. Source: Google SRE Workbook,
 * chapter 5, table 5-8 and the example beneath it; the same numbers stand in Sloth's
 * `windows/google-30d.yaml` and `google-28d.yaml`. The factor follows from the period:
 * 14.4, 6, 3 and 1 for 30 days, 13.44, 5.6, 2.8 and 0.9333 for 28.
 */
const PAIRS = [
  { spend: 0.02, long: '1h', short: '5m' },
  { spend: 0.05, long: '6h', short: '30m' },
  { spend: 0.1, long: '1d', short: '2h' },
  { spend: 0.1, long: '3d', short: '6h' },
] as const;

export const BURN_PRESETS = { 'google-30d': '30d', 'google-28d': '28d' } as const;
export type BurnPreset = keyof typeof BURN_PRESETS;

/** The pairs of a preset, all of which hold. */
export function burnPreset(name: BurnPreset): readonly BurnRate[] {
  const periodMs = durationMs(BURN_PRESETS[name]);
  return PAIRS.map(({ spend, long, short }) => ({
    long,
    short,
    factor: factorFor(spend, periodMs, durationMs(long)),
    verdict: 'hold',
  }));
}
