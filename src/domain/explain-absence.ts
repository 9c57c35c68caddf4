import type { Evidence, Finding, Words } from './finding.ts';
import { round } from './number-words.ts';
import { parseRelease } from './release.ts';

/** Words for what is missing from a count, and for what may be bad beyond it. */

const UNKNOWN_TERMS = ['absent-operand', 'other-shape', 'unreadable', 'absent-good'];

/** True where it is one term of a count that gave nothing. */
export function isAboutTerm({ cause, evidence }: Finding): boolean {
  return cause === 'no-data' && UNKNOWN_TERMS.includes(String(evidence.reason));
}

/** Which term of a count gave nothing, why that is not zero, and what to write instead. */
export function explainTerm(finding: Finding, release: string, where: string): Words {
  const { evidence: e, rule = '', clears } = finding;
  const words = {
    because: `${rule}: ${String(e.term)} gave nothing${where}${within(e)}, ${whyNotZero(e)}.`,
    needs: needsOf(finding),
  };
  if (clears !== 'by-person') return words;
  const call = `PUT /services/${parseRelease(release)?.service ?? ''}/rules/${rule}`;
  return { ...words, action: { who: 'configurator', do: call } };
}

function whyNotZero({ reason, part }: Evidence): string {
  switch (reason) {
    case 'absent-operand':
      return `and a difference without one of its sides is not known: if everything fails, that looks the same as if nothing does`;
    case 'unreadable':
      return 'although its selector has series there';
    case 'absent-good':
      return 'although there was traffic';
    default:
      return `which need not mean that ${part} is zero: this query can be empty for other reasons`;
  }
}

function needsOf({ evidence: { reason, part }, clears }: Finding): string {
  switch (reason) {
    case 'absent-operand':
      return part === 'bad'
        ? 'Write what is bad as a sum of what failed, or state good instead of bad.'
        : `Write ${part} as a sum, or select it with a matcher such as != instead of subtracting.`;
    case 'absent-good':
      return 'Good events, real or sent for a test; if there are some, this query does not find them (see preview).';
    case 'unreadable':
      if (clears !== 'by-person') {
        return 'A second sample of its series; if there are more, they are no counters, or the window is shorter than two scrapes.';
      }
      return 'Write it as sum(increase(selector[${window}])) of series that have the labels themselves, for example from a recording rule.';
    default:
      return 'Write it as a sum of sum(increase(selector[${window}])), without a comparison and without a difference.';
  }
}

/** What no count shows, after what was measured. */
export function explainUncounted({ evidence: e }: Finding, measured: string): Words {
  const more = round(String(e.uncounted));
  const { slices } = (e.objective as { slices?: { window: string } } | undefined) ?? {};
  if (slices !== undefined) {
    return {
      because: `${measured}, but of ${more} more slices with traffic it is not known how much was bad.`,
      needs:
        'These slices have to leave the window; a longer slice, or counters that are exported from 0, give every slice its numbers.',
    };
  }
  return {
    because: `${measured}, but series that have appeared since began at ${more} together, which no increase() shows.`,
    needs:
      'These first values have to leave the window. Export every counter at 0 before its first event, and they are counted as they come.',
  };
}

function within({ window }: Evidence): string {
  return typeof window === 'string' ? ` within ${window}` : '';
}
