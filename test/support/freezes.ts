import type { FreezeDocument, FreezeEnd } from '../../src/domain/freeze.ts';

/** A freeze of everything; what matters is given. */
export function aFreeze(more: Partial<FreezeDocument> & Pick<FreezeDocument, 'end'>): FreezeDocument {
  return { kind: 'freeze', scope: { services: ['*'], rings: ['*'] }, timeZone: 'UTC', ...more };
}

/** Every week on this weekday (0 is Sunday) at this time, once as a recurrence rule and once for cron. */
export function weekly(zone: string, start: string, end: FreezeEnd): readonly FreezeDocument[] {
  const date = new Date(`${start}Z`);
  const weekday = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'][date.getUTCDay()];
  const cron = `${date.getUTCMinutes()} ${date.getUTCHours()} * * ${date.getUTCDay()}`;
  return [
    aFreeze({ timeZone: zone, start, recurrence: { rrule: `FREQ=WEEKLY;BYDAY=${weekday}` }, end }),
    aFreeze({ timeZone: zone, recurrence: { cron }, end }),
  ];
}
