import type { Measurement } from '../domain/measurement.ts';
import { unexpected } from './datadog-data.ts';
import { isRecord } from './printable.ts';

const VALUES: Readonly<Record<string, string>> = { OK: '0', Warn: '1', Alert: '2' };
/** The monitor does not look, or may not be listened to: nothing follows from that, neither good nor bad. */
const NOT_LOOKING = ['Ignored', 'Skipped', 'Unknown'];

interface State {
  readonly status: unknown;
  /** Since when, in milliseconds; null when it has always been so, as far as is known. */
  readonly sinceMs: number | null;
}

/**
 * A monitor's state at `atMs` as a value: 0 OK, 1 Warn, 2 Alert. Only the present state is told, and
 * since when; what it was before that is not known, so it is no data and never a value.
 */
export function readMonitor(body: Record<string, unknown>, group: string | null, atMs: number): Measurement {
  const muted = mutedBy(body);
  if (muted !== null) return { kind: 'partial', warnings: [muted] };
  const state = group === null ? overallState(body) : groupState(body, group);
  if (state === null) return { kind: 'no-data' };
  const { status, sinceMs } = state;
  if (status === 'No Data') return { kind: 'no-data' };
  if (NOT_LOOKING.includes(String(status))) return { kind: 'partial', warnings: [`the monitor's state is ${status}`] };
  const value = typeof status === 'string' && Object.hasOwn(VALUES, status) ? VALUES[status] : undefined;
  if (value === undefined || Number.isNaN(sinceMs)) return unexpected('a monitor without a known state');
  if (sinceMs === null && value !== '0') return unexpected('a monitor that does not say since when it is so');
  return sinceMs !== null && sinceMs > atMs ? { kind: 'no-data' } : { kind: 'value', value };
}

/** Somebody has said that this monitor is not to be listened to for now. */
function mutedBy({ matching_downtimes: downtimes, options }: Record<string, unknown>): string | null {
  if (Array.isArray(downtimes) && downtimes.length > 0) return 'a downtime covers the monitor';
  const silenced = isRecord(options) && isRecord(options.silenced) ? Object.keys(options.silenced) : [];
  return silenced.length > 0 ? 'the monitor is muted' : null;
}

/** The API does not document `overall_state_modified`; without it the oldest group in that state tells. */
function overallState(body: Record<string, unknown>): State {
  const { overall_state: status, overall_state_modified: modified = null } = body;
  if (modified !== null) return { status, sinceMs: instantMs(modified) };
  const same = groupsOf(body).flatMap(([, group]) => (group.status === status ? (changedMs(group) ?? []) : []));
  return { status, sinceMs: same.length === 0 ? null : Math.min(...same) };
}

/** An instant is a text with a zone, or a number of seconds. NaN for anything else. */
function instantMs(since: unknown): number {
  if (typeof since === 'number') return since * 1000;
  return typeof since === 'string' ? Date.parse(since) : Number.NaN;
}

/** Null when the monitor has no such group. Groups are named by their tags, in whatever order. */
function groupState(body: Record<string, unknown>, wanted: string): State | null {
  const [, found] = groupsOf(body).find(([name]) => tagsOf(name) === tagsOf(wanted)) ?? [];
  return found === undefined ? null : { status: found.status, sinceMs: changedMs(found) };
}

function groupsOf({ state }: Record<string, unknown>): readonly (readonly [string, Record<string, unknown>])[] {
  const groups = isRecord(state) && isRecord(state.groups) ? Object.entries(state.groups) : [];
  return groups.flatMap(([name, group]) => (isRecord(group) ? [[name, group] as const] : []));
}

/** When the group has last changed its state; its stamps are seconds. Null when it never has. */
function changedMs(group: Record<string, unknown>): number | null {
  const stamps = [group.last_triggered_ts, group.last_resolved_ts, group.last_nodata_ts];
  const changes = stamps.filter((stamp): stamp is number => typeof stamp === 'number' && stamp > 0);
  return changes.length === 0 ? null : Math.max(...changes) * 1000;
}

function tagsOf(name: string): string {
  return name
    .split(',')
    .map((tag) => tag.trim())
    .sort()
    .join(',');
}
