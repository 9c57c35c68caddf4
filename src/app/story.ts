import { GateError } from '../domain/errors.ts';
import { formatRelease, type Release } from '../domain/release.ts';
import { type DecisionBody, documentFromBody } from './decision-record.ts';
import type { Story, StoryEvent } from './documents.ts';
import type { Entry, Ports } from './ports.ts';

const PAGE = 500;
const MAX_ENTRIES = 5000;

/** Told from the record alone: per ring, who let the release in on which decision, and what became of it there. */
export async function story(ports: Pick<Ports, 'store'>, release: Release): Promise<Story> {
  const name = formatRelease(release);
  const entries = await everyEntry(ports, name);
  const known = await ports.store.release(release.service, release.version);
  if (entries.length === 0 && known === null) throw new GateError('not-found', `nothing is recorded about ${name}`);
  const service = await ports.store.config({ kind: 'service', owner: '', name: release.service });
  const lives = await ports.store.lives(release.service, release.version);
  const planned = ((service.row?.document ?? { rings: [] }) as { rings: { name: string }[] }).rings.map(
    (ring) => ring.name,
  );
  const rings = [...new Set([...planned, ...lives.map((life) => life.ring)])];
  const told = entries.flatMap((entry) => tell(entry, rings));
  const superseded = lives
    .filter((life) => life.end === 'superseded')
    .map((life) => ({
      ring: life.ring,
      event: event(life.endedAt ?? '', 'superseded', `${name} was superseded in ${life.ring}.`),
    }));
  return {
    release: name,
    rings: rings.map((ring) => ({
      ring,
      events: withoutRepeats(
        [...told, ...superseded]
          .filter((each) => each.ring === ring)
          .map((each) => each.event)
          .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)),
      ),
    })),
  };
}

async function everyEntry(ports: Pick<Ports, 'store'>, release: string): Promise<readonly Entry[]> {
  const found: Entry[] = [];
  let cursor: string | null = null;
  do {
    const page: { items: readonly Entry[]; next: string | null } = await ports.store.entries(
      { release },
      { limit: PAGE, cursor },
    );
    found.push(...page.items);
    cursor = page.next;
  } while (cursor !== null && found.length < MAX_ENTRIES);
  return found.reverse();
}

type Told = { readonly ring: string; readonly event: StoryEvent };

function tell(entry: Entry, rings: readonly string[]): readonly Told[] {
  const body = JSON.parse(entry.body) as Record<string, unknown>;
  if (body.kind === 'decision') return tellDecision(entry, body as unknown as DecisionBody);
  const by = (body.actor as string | null) ?? (body.caller as { name: string }).name;
  const at = String(body.at);
  const reason = typeof body.reason === 'string' ? ` (${body.reason})` : '';
  if (body.kind === 'report') {
    const ungated = body.ungated === true;
    const because = `${body.release} was reported as ${body.state} in ${body.ring}${reason}${ungated ? ', without having been let in' : ''}.`;
    return [
      { ring: String(body.ring), event: { at, what: String(body.state), because, entry: entry.id, by, ungated } },
    ];
  }
  if (body.kind === 'rollback-clear') {
    const cleared = {
      at,
      what: 'cleared',
      because: `${body.release} was cleared to start again${reason}.`,
      entry: entry.id,
      by,
      ungated: false,
    };
    return rings.map((ring) => ({ ring, event: cleared }));
  }
  return [];
}

function tellDecision(entry: Entry, body: DecisionBody): readonly Told[] {
  if (body.facts.question.dryRun) return [];
  const document = documentFromBody(body, entry);
  const passed = body.stage === 'enter' ? 'promised' : 'proven';
  const what = { promote: passed, hold: 'held', rollback: 'rollback' }[body.verdict];
  const by = body.actor ?? body.caller.name;
  return [
    {
      ring: body.ring,
      event: { at: body.at, what, because: `${document.summary}.`, entry: entry.id, by, ungated: false },
    },
  ];
}

/** A pipeline that waits asks often; what it was told again and again is told once. */
function withoutRepeats(events: readonly StoryEvent[]): readonly StoryEvent[] {
  return events.filter(
    (each, i) => !(each.what === 'held' && events[i - 1]?.what === 'held' && sameReason(each, events[i - 1])),
  );
}

function sameReason(a: StoryEvent, b: StoryEvent | undefined): boolean {
  const plain = (text: string | undefined) => (text ?? '').replace(/\d+/g, '#');
  return plain(a.because) === plain(b?.because);
}

function event(at: string, what: string, because: string): StoryEvent {
  return { at, what, because, entry: null, by: null, ungated: false };
}
