import { parseLocal } from './local-time.ts';

/** Where a recurrence rule ends: with a day, at a local time (both in local milliseconds), or at an instant. */
export interface Until {
  readonly kind: 'day' | 'local' | 'instant';
  readonly ms: number;
}

/** Reads the value of UNTIL: `20261231`, `20261231T180000` or `20261231T170000Z`; null when it is none of them. */
export function parseUntil(text: string): Until | null {
  const parts = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?$/.exec(text);
  if (parts === null) return null;
  const [, year, month, day, hour = '00', minute = '00', second = '00', utc] = parts;
  const ms = parseLocal(`${year}-${month}-${day}T${hour}:${minute}:${second}`);
  if (ms === null) return null;
  return { kind: utc === undefined ? 'day' : utc === 'Z' ? 'instant' : 'local', ms };
}
