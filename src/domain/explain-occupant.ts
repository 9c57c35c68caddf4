import type { Evidence, Words } from './finding.ts';

/** Words for a ring that is taken by a release that the gate has judged itself. `occupant` is `service@version`. */
export function judgedOccupantWords(e: Evidence, occupant: string, ring: string): Words {
  const causes = (e.causes as readonly string[]).join(', ');
  const found = `the gate judged it itself: ${e.exit} (${causes})`;
  const give = `PUT /releases/${occupant}/rings/${ring} {"state":"abandoned"}`;
  if (e.silent !== true) {
    return {
      because: `${ring} is taken: ${occupant} is proving itself there since ${e.since}; ${found}.`,
      needs: `${occupant} has to be proven there, or be reported as rolled-back or abandoned.`,
    };
  }
  const asked = e.askedAt === null ? 'nobody has asked about it' : `nobody has asked about it since ${e.askedAt}`;
  return {
    because: `${ring} is taken: ${occupant} runs there since ${e.since} and ${asked}; ${found}.`,
    needs: `Nobody seems to wait for ${occupant} any more: report it as abandoned in ${ring}, or as rolled-back, or ask for its exit again.`,
    action: { who: 'pipeline', do: give },
  };
}
