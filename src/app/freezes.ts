import { windowsAround } from '../domain/calendar/windows-around.ts';
import { windowsBetween } from '../domain/calendar/windows-between.ts';
import { localTime } from '../domain/calendar/zone.ts';
import type { Span } from '../domain/controls.ts';
import { invalid } from '../domain/errors.ts';
import type { FreezeDocument } from '../domain/freeze.ts';
import { calendarFrom, calendarPart } from '../domain/ical-export.ts';
import { after, instant, msOf } from '../domain/instant.ts';
import { getConfig, listConfigs } from './catalogue.ts';
import { everyConfig } from './every-config.ts';
import { concerns, type FreezeTarget } from './freeze-targets.ts';
import { inTurns } from './in-turns.ts';
import type { ConfigRow, Page, PageRequest, Ports } from './ports.ts';

/** Looking at the calendar. The store's clock says when now is. */
const DAY_MS = 86_400_000;
const USUAL_DAYS = 90;
const MOST_DAYS = 400;
const FEED_DAYS = { back: 30, ahead: 400 };

/** A window with its real instants and what clocks in the freeze's zone show then. */
export interface LocalSpan extends Span {
  readonly localStart: string;
  readonly localEnd: string;
}

/** A freeze or allow window as it stands at an instant. */
export interface StandingFreeze
  extends Pick<FreezeDocument, 'kind' | 'title' | 'scope' | 'timeZone' | 'exempt' | 'reason'> {
  readonly name: string;
  /** False when its windows cannot be worked out: then it counts as frozen. */
  readonly known: boolean;
  /** Null when that is not known. */
  readonly open: boolean | null;
  readonly window: LocalSpan | null;
  readonly next: LocalSpan | null;
}

/**
 * What the calendar says at an instant (null for now), by name. A page may hold fewer than was asked
 * for, because what does not concern the target is left out.
 * @throws GateError `not-found` for a service or ring that is not there.
 */
export async function freezesAt(
  ports: Pick<Ports, 'store'>,
  asked: FreezeTarget & { readonly at: string | null },
  page: PageRequest,
): Promise<Page<StandingFreeze> & { readonly at: string }> {
  const at = asked.at === null ? await ports.store.now() : instant(msOf(asked.at));
  const isConcerned = await concerns(ports, asked);
  const { items, next } = await listConfigs(ports, 'freeze', null, page);
  const concerned = items.map(freezeOf).filter(({ document }) => isConcerned(document));
  return { at, items: await inTurns(concerned, (freeze) => standingAt(freeze, at)), next };
}

/** The real windows of a freeze between two instants. */
export interface WindowList {
  readonly from: string;
  readonly to: string;
  readonly items: readonly LocalSpan[];
  /** False when there are more than fit, or they could not all be worked out. */
  readonly complete: boolean;
}

/**
 * The windows that touch [from, to): from now and for 90 days by default, at most 400 days.
 * @throws GateError `not-found`, `invalid-request`.
 */
export async function freezeWindows(
  ports: Pick<Ports, 'store'>,
  name: string,
  asked: { readonly from: string | null; readonly to: string | null; readonly limit: number },
): Promise<WindowList> {
  const { document } = freezeOf(await getConfig(ports, { kind: 'freeze', owner: '', name }));
  const from = asked.from === null ? await ports.store.now() : instant(msOf(asked.from));
  const to = asked.to === null ? after(from, USUAL_DAYS * DAY_MS) : instant(msOf(asked.to));
  requireSpan(from, to);
  const { windows, complete } = windowsBetween(document, from, to, asked.limit);
  return { from, to, complete, items: windows.map((span) => withLocal(span, document.timeZone)) };
}

/**
 * The windows of everything that concerns the target, from 30 days ago to 400 days ahead, as an
 * iCalendar file. Made from whole days and stamped with the latest change, so that the same windows
 * are the same text.
 * @throws GateError `not-found` for a service or ring that is not there.
 */
export async function freezeCalendar(ports: Pick<Ports, 'store'>, target: FreezeTarget): Promise<string> {
  const today = `${(await ports.store.now()).slice(0, 10)}T00:00:00.000Z`;
  const isConcerned = await concerns(ports, target);
  const rows = (await everyConfig<FreezeDocument>(ports.store, 'freeze')).filter(({ document }) =>
    isConcerned(document),
  );
  const stampedAt =
    rows
      .map(({ updatedAt }) => updatedAt)
      .sort()
      .at(-1) ?? today;
  const [from, to] = [after(today, -FEED_DAYS.back * DAY_MS), after(today, FEED_DAYS.ahead * DAY_MS)];
  return calendarFrom(await inTurns(rows, (row) => calendarPart(row, from, to, stampedAt)));
}

function standingAt({ name, document }: Freeze, at: string): StandingFreeze {
  const { start: _start, recurrence: _recurrence, end: _end, ...told } = document;
  const { active, next, known } = windowsAround(document, at);
  return {
    name,
    ...told,
    known,
    open: known ? active !== null : null,
    window: active === null ? null : withLocal(active, document.timeZone),
    next: next === null ? null : withLocal(next, document.timeZone),
  };
}

function requireSpan(from: string, to: string): void {
  const longest = after(from, MOST_DAYS * DAY_MS);
  if (to <= from) throw invalid([{ pointer: '/query/to', message: `must be after from, ${from}` }]);
  if (to > longest) throw invalid([{ pointer: '/query/to', message: `must be at most ${MOST_DAYS} days after from` }]);
}

function withLocal({ start, end }: Span, timeZone: string): LocalSpan {
  return { start, end, localStart: localTime(start, timeZone), localEnd: localTime(end, timeZone) };
}

interface Freeze {
  readonly name: string;
  readonly document: FreezeDocument;
}

function freezeOf({ name, document }: ConfigRow): Freeze {
  return { name, document: document as FreezeDocument };
}
