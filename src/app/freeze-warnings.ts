import { windowsBetween } from '../domain/calendar/windows-between.ts';
import type { FreezeDocument } from '../domain/freeze.ts';
import { after } from '../domain/instant.ts';
import type { ServiceDocument } from '../domain/service.ts';
import type { Store } from './ports.ts';

/**
 * What is allowed but hardly meant of a freeze: a name in its scope that nothing bears, a class of
 * changes that nobody may claim, and a calendar that leaves nothing open, or closes nothing.
 */
const DAY_MS = 86_400_000;
const ALLOW_DAYS = 30;
const FREEZE_DAYS = 400;

/** Sentences; empty when nothing is doubtful. `document` must have been checked. */
export async function freezeWarnings(store: Store, document: FreezeDocument): Promise<readonly string[]> {
  const now = await store.now();
  return [
    ...(await scopeWarnings(store, document.scope)),
    ...(await exemptWarnings(store, document.exempt ?? [], now)),
    ...calendarWarnings(document, now),
  ];
}

/** What is doubtful about a scope alone. */
export async function scopeWarnings(store: Store, scope: FreezeDocument['scope']): Promise<readonly string[]> {
  const named = scope.services.filter(isName);
  const found = await Promise.all(named.map((name) => store.config({ kind: 'service', owner: '', name })));
  const plans = found.flatMap(({ row }) => (row === null ? [] : [row.document as ServiceDocument]));
  const unknown = named.filter((_, i) => found[i]?.row === null);
  const rings = new Set(plans.flatMap((plan) => plan.rings.map(({ name }) => name)));
  const complete = named.length === scope.services.length && unknown.length === 0;
  const nowhere = complete ? scope.rings.filter((ring) => isName(ring) && !rings.has(ring)) : [];
  return [
    ...unknown.map((service) => `there is no service ${service}`),
    ...nowhere.map((ring) => `none of the services it names has a ring ${ring}`),
  ];
}

/** Classes of changes that no valid token may claim. */
export async function exemptWarnings(store: Store, exempt: readonly string[], now: string): Promise<readonly string[]> {
  if (exempt.length === 0) return [];
  const tokens = (await store.tokens()).filter(({ expiresAt }) => expiresAt > now);
  const claimable = new Set(['standard', ...tokens.flatMap(({ changes }) => changes)]);
  return exempt
    .filter((change) => !claimable.has(change))
    .map((change) => `nobody may claim the change class ${change}: no valid token has it`);
}

function isName(pattern: string): boolean {
  return !pattern.includes('*');
}

function calendarWarnings(document: FreezeDocument, now: string): readonly string[] {
  const days = document.kind === 'allow' ? ALLOW_DAYS : FREEZE_DAYS;
  const { windows, complete } = windowsBetween(document, now, after(now, days * DAY_MS), 1);
  if (windows.length > 0 || !complete) return [];
  return document.kind === 'allow'
    ? [`it has no window within the next ${days} days, so it leaves what it covers closed`]
    : [`it has no window within the next ${days} days, so it stops nothing`];
}
