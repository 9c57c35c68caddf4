import { MOST_STATED, manyOthersPath } from './asker.ts';
import type { Evidence, Finding, Words } from './finding.ts';

/** Words for what people and the calendar say. `release` is `service@version`. */
export function explainControl(finding: Finding, release: string): Words {
  switch (finding.check) {
    case 'halt':
      return haltWords(finding);
    case 'approval':
      return approvalWords(finding, release);
    default:
      return freezeWords(finding, release);
  }
}

function freezeWords({ cause, evidence: e, ring = '', clearsAt }: Finding, release: string): Words {
  const service = release.split('@')[0];
  if (cause === 'open') return { because: `No freeze covers ${service} in ${ring}${nextText(e)}.` };
  if (e.stage === 'exit') return { because: 'Freezes do not stop a release from proving itself where it is.' };
  if (cause === 'not-applicable') {
    const which = e.freeze === undefined ? 'The allow windows do' : `The freeze ${e.freeze} does`;
    return { because: `${which} not stop the change class ${e.exempt}.` };
  }
  if (cause === 'outside-allowed-window') return outsideWords(e, service ?? '', ring);
  if (e.known === false) {
    return {
      because: `The windows of ${e.freeze} cannot be worked out, so it counts as frozen.`,
      needs: `Mend the freeze ${e.freeze}.`,
      action: { who: 'configurator', do: `PUT /freezes/${e.freeze}` },
    };
  }
  const why = typeof e.reason === 'string' ? `: ${e.reason}` : '';
  return {
    because: `${e.freeze} freezes ${service} in ${ring} until ${e.until}${clockText(e.localUntil)}${why}.`,
    needs: clearsAt === undefined ? `The end of ${e.freeze}.` : `Time until ${clearsAt}.`,
  };
}

function outsideWords(e: Evidence, service: string, ring: string): Words {
  const windows = e.windows as readonly { name: string; next: string | null; localNext: string | null }[];
  const names = windows.map(({ name }) => name).join(', ');
  const because = `${service} may enter ${ring} only within ${names}, and now is outside.`;
  const [first] = windows
    .filter(({ next }) => next !== null)
    .sort((a, b) => (String(a.next) < String(b.next) ? -1 : 1));
  if (first !== undefined) {
    return { because, needs: `${first.name} opens at ${first.next}${clockText(first.localNext)}.` };
  }
  return {
    because,
    needs: 'No window is coming within the next 400 days.',
    action: { who: 'configurator', do: `PUT /freezes/${windows[0]?.name}` },
  };
}

function nextText(e: Evidence): string {
  const next = e.next as { freeze: string; start: string; localStart: string | null } | undefined;
  if (next === undefined) return '';
  return `; the next one, ${next.freeze}, begins at ${next.start}${clockText(next.localStart)}`;
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** ` (Mon 08:00 Europe/Berlin)` of `2026-11-30T08:00:00+01:00[Europe/Berlin]`; nothing where the local time is not known. */
function clockText(local: unknown): string {
  const [, date, time, zone] = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)[^[]*\[(.+)\]$/.exec(String(local)) ?? [];
  return date === undefined ? '' : ` (${DAYS[new Date(date).getUTCDay()]} ${time} ${zone})`;
}

function haltWords({ cause, evidence: e }: Finding): Words {
  if (cause === 'open') return { because: 'Nobody has stopped the line.' };
  const { release, service } = e.scope as { release?: string; service?: string };
  const what = release ?? service ?? 'everything';
  return {
    because: `${e.by} stopped ${what} at ${e.since}: ${String(e.reason).trim().replace(/\.$/, '')}.`,
    needs: 'An operator has to lift the halt.',
    action: { who: 'operator', do: `POST /halts/${e.id}/lift` },
  };
}

function approvalWords({ cause, evidence: e, ring = '' }: Finding, release: string): Words {
  if (cause === 'not-applicable') return { because: `Nobody has to approve for ${ring}.` };
  const given = e.given as readonly { by: string }[];
  const names = given.map(({ by }) => by).join(', ');
  const approved = given.length === 0 ? 'nobody has approved' : `approved by ${names}`;
  if (cause === 'approved') return { because: `${release} may enter ${ring}: ${approved}.` };
  if (e.askerKnown === false) {
    return {
      because: `${ring} wants to know who asks for ${release}, and nobody was named.`,
      needs: 'Name the person behind the build.',
      action: { who: 'pipeline', do: `GET /gates/${release}/${ring}?actor=…` },
    };
  }
  if (e.askedByMany === true) {
    return {
      because: `Nobody's approval counts for ${release}: callers have named more people as asking for it than are kept (${MOST_STATED}), so anybody may have asked.`,
      needs: 'An operator has to take back that many others have asked; then somebody else can approve.',
      action: { who: 'operator', do: `DELETE ${manyOthersPath(release)}` },
    };
  }
  const missing = e.missing === '1' ? '1 more approval' : `${e.missing} more approvals`;
  return {
    because: `${release} needs ${missing} for ${ring} (${e.needed} in all; ${approved}).`,
    needs: `${missing}, from people who did not ask for it themselves.`,
    action: { who: 'operator', do: `POST /approvals {"release":"${release}","ring":"${ring}"}` },
  };
}
