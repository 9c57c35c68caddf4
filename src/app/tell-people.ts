import type { Approval, Override } from '../domain/controls.ts';
import type { StoryEvent } from './documents.ts';
import type { Told } from './tell.ts';

/** A record of what a person did to an approval or an override. */
interface Act {
  readonly id: string;
  readonly kind: string;
  readonly at: string;
  readonly actor: string;
  readonly after: unknown;
}

/** Who approved, who broke the glass and who stood behind it, in the ring or rings that it is about; nothing for other kinds. */
export function tellPeople(body: Record<string, unknown>): readonly Told[] {
  const act = body as unknown as Act;
  const say = WORDS[act.kind];
  return say === undefined ? [] : say(act);
}

const WORDS: Readonly<Record<string, (act: Act) => readonly Told[]>> = {
  'approval-create': (act) => {
    const { release, ring, comment } = act.after as Approval;
    return [told(act, ring, 'approved', `${act.actor} approved ${release} for ${ring}${inBrackets(comment)}.`)];
  },
  'approval-withdraw': (act) => {
    const { release, ring, by } = act.after as Approval;
    const whose = `the approval of ${release} for ${ring} by ${by.name}`;
    return [told(act, ring, 'approval-withdrawn', `${act.actor} withdrew ${whose}.`)];
  },
  'override-create': (act) => {
    const { checks, expiresAt, reason, incident } = act.after as Override;
    const why = incident === null ? reason : `${incident}: ${reason}`;
    return inRings(act, 'override', `waives ${checks.join(', ')} until ${expiresAt}${inBrackets(why)}`);
  },
  'override-approve': (act) => {
    const { approvals, by } = act.after as Override;
    const comment = approvals.at(-1)?.comment ?? null;
    return inRings(act, 'override-approved', `stands behind the override of ${by.name}${inBrackets(comment)}`);
  },
  'override-withdraw': (act) => {
    const { by } = act.after as Override;
    return inRings(act, 'override-withdrawn', `withdrew the override of ${by.name}`);
  },
};

function inRings(act: Act, what: string, did: string): readonly Told[] {
  const { id, rings } = act.after as Override;
  return rings.map((ring) => told(act, ring, what, `${act.actor} ${did}; override ${id}.`));
}

function told({ id, at, actor }: Act, ring: string, what: string, because: string): Told {
  const event: StoryEvent = { at, what, because, entry: id, by: actor, ungated: false };
  return { ring, event };
}

function inBrackets(text: string | null): string {
  return text === null ? '' : ` (${text})`;
}
