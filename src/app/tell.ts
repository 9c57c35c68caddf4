import type { Asker } from '../domain/asker.ts';
import { after } from '../domain/instant.ts';
import type { Life, Rollout } from '../domain/life.ts';
import { type DecisionBody, documentFromBody } from './decision-record.ts';
import type { StoryEvent } from './documents.ts';
import { overrideUses } from './override-uses.ts';
import type { Entry } from './ports.ts';
import { isRepeated, questionIn, type RecordedBody } from './repeated-hold.ts';
import { tellPeople } from './tell-people.ts';

/** One event of a release's story and the ring it belongs to. */
export interface Told {
  readonly ring: string;
  readonly event: StoryEvent;
}

const DEPLOYED: Record<Life['origin'], { readonly what: string; readonly how: string }> = {
  gated: { what: 'deployed', how: 'was deployed to' },
  late: { what: 'deployed', how: 'was deployed, without a sign that it began while it was let in, to' },
  ungated: { what: 'deployed', how: 'was deployed, without having been let in, to' },
  adopted: { what: 'adopted', how: 'was deployed past the gate and adopted by an operator in' },
  restored: { what: 'restored', how: 'was put back, having been proven there before, in' },
};

/** The turns of one life: promised, deployed, proven, superseded. `entries` are those that can be quoted, by id. */
export function tellLife(
  release: string,
  life: Life,
  entries: ReadonlyMap<string, Entry>,
  known: { readonly now: string; readonly deploymentTimeoutMs: number },
): readonly Told[] {
  const { ring, origin } = life;
  const turn = (at: string | null, what: string, how: string, by: string | null, ungated = false): readonly Told[] => {
    if (at === null) return [];
    const entry = by === null ? undefined : entries.get(by);
    const because = `${release} ${how} ${ring}${artifactWords(entry)}.`;
    const event = { at, what, because, entry: by, by: whoIn(entry), ungated };
    return [{ ring, event }];
  };
  const { what, how } = DEPLOYED[origin];
  return [
    ...turn(life.promisedAt, 'promised', 'was promised', life.enteredBy),
    ...endsOfPromise(life, known).flatMap((end) => turn(end.at, end.what, end.how, null)),
    ...turn(life.liveAt, what, how, reportOf(life, entries), origin === 'ungated'),
    ...(origin === 'restored' ? [] : turn(life.provenAt, 'proven', 'had proven itself in', life.provenBy)),
    ...(life.end === 'superseded' ? turn(life.endedAt, 'superseded', 'was superseded in', null) : []),
  ];
}

/** What was stated with a promise or a report; nothing where a later question has implied it. */
function artifactWords(entry: Entry | undefined): string {
  if (entry === undefined) return '';
  const body = JSON.parse(entry.body) as { kind: string; artifact?: string | null };
  const stated = body.kind === 'decision' ? questionIn(body as unknown as RecordedBody).artifact : body.artifact;
  return typeof stated === 'string' ? ` as ${stated}` : ', artifact not stated';
}

/** What became of a promise that nothing has used: a halt or a new start ended it, or time did. */
function endsOfPromise(
  life: Life,
  { now, deploymentTimeoutMs }: { readonly now: string; readonly deploymentTimeoutMs: number },
): readonly { readonly at: string; readonly what: string; readonly how: string }[] {
  const { recalled, revokedAt } = life;
  const until = life.spans?.at(-1)?.end;
  const halted =
    recalled == null
      ? []
      : [{ at: recalled.at, what: 'recalled', how: `lost, by a halt (${recalled.reason}), its lease in` }];
  if (revokedAt != null)
    return [...halted, { at: revokedAt, what: 'revoked', how: 'had to start again, and lost its promise in' }];
  if (until === undefined || until > now) return halted;
  const lapsed = { at: until, what: 'lapsed', how: 'was not reported, until its lease ended, as deployed to' };
  const lostAt = after(until, deploymentTimeoutMs);
  const lost = lostAt > now ? [] : [{ at: lostAt, what: 'lost', how: 'was never reported as deployed to' }];
  return [...(recalled == null ? [lapsed] : halted), ...lost];
}

/** The report of this life's deployment; null when a later ask has implied it. */
function reportOf(life: Life, entries: ReadonlyMap<string, Entry>): string | null {
  for (const entry of entries.values()) {
    const body = JSON.parse(entry.body) as Record<string, unknown>;
    if (body.kind !== 'report' || body.state !== 'deployed' || body.ring !== life.ring) continue;
    if (body.happenedAt === life.liveAt || hasBegun(body, life)) return entry.id;
  }
  return null;
}

/** True for the entry with which the life became live: bake need not count from when it is said to have happened. */
function hasBegun(body: Record<string, unknown>, life: Life): boolean {
  const liveAt = (rows: unknown) =>
    (rows as Rollout | undefined)?.lives.find(
      (row) => row.version === life.version && row.ring === life.ring && row.n === life.n,
    )?.liveAt;
  return liveAt(body.after) === life.liveAt && liveAt(body.before) !== life.liveAt;
}

/** What an entry adds: holds and rollbacks that were told, reports and clearings that ended something, and what people said. */
export function tellEntry(entry: Entry, rings: readonly string[]): readonly Told[] {
  const body = JSON.parse(entry.body) as Record<string, unknown>;
  if (body.kind === 'decision') return tellDecision(entry, body as unknown as RecordedBody);
  const at = String(body.at);
  const reason = typeof body.reason === 'string' ? ` (${body.reason})` : '';
  const said = (what: string, because: string): StoryEvent => ({
    at,
    what,
    because,
    entry: entry.id,
    by: whoIn(entry),
    ungated: false,
  });
  if (body.kind === 'report' && body.state !== 'deployed') {
    const because = `${body.release} was reported as ${body.state} in ${body.ring}${reason}.`;
    return [{ ring: String(body.ring), event: said(String(body.state), because) }];
  }
  if (body.kind === 'github-review') {
    if (body.told !== 'approved' && body.told !== 'rejected') return [];
    const { repository, environment, run } = body.github as Record<string, string>;
    const because = `GitHub was told ${body.told} for ${environment} of ${repository}, run ${run}.`;
    return [{ ring: String(body.ring), event: said(body.told, because) }];
  }
  const inEveryRing = (what: string, because: string) => rings.map((ring) => ({ ring, event: said(what, because) }));
  if (body.kind === 'asker-withdraw') {
    const { name, source } = body.before as Asker;
    const have = source === 'many' ? 'have' : 'has';
    return inEveryRing(
      'asker-withdrawn',
      `${body.actor} took back that ${name} ${have} asked for ${body.release}${reason}.`,
    );
  }
  if (body.kind !== 'rollback-clear') return tellPeople(body);
  return inEveryRing('cleared', `${body.release} was cleared to start again${reason}.`);
}

function tellDecision(entry: Entry, body: RecordedBody): readonly Told[] {
  const { verdict } = body.decision;
  if (questionIn(body).dryRun) return [];
  if (verdict === 'promote') return isRepeated(body) ? [] : tellUses(entry, body);
  const { summary } = documentFromBody(body, entry);
  const because = body.advised === null ? `${summary}.` : `Only advised, told promote: ${summary}.`;
  const what = verdict === 'hold' ? 'held' : 'rollback';
  return [
    { ring: body.ring, event: { at: body.at, what, because, entry: entry.id, by: whoIn(entry), ungated: false } },
  ];
}

/** A promote that leans on an override says so. */
function tellUses(entry: Entry, body: DecisionBody): readonly Told[] {
  return overrideUses(body).map(({ override, checks, ring, release }) => {
    const because = `${release} was let through in ${ring} in spite of ${checks.join(', ')}; override ${override}.`;
    return {
      ring,
      event: { at: body.at, what: 'overridden', because, entry: entry.id, by: whoIn(entry), ungated: false },
    };
  });
}

/** The person as stated, or the caller. */
function whoIn(entry: Entry | undefined): string | null {
  if (entry === undefined) return null;
  const { actor, caller } = JSON.parse(entry.body) as { actor: string | null; caller: { name: string } };
  return actor ?? caller.name;
}
