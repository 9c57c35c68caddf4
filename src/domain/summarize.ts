import type { Decision } from './decision.ts';
import type { Question } from './facts.ts';
import type { ExplainedFinding } from './finding.ts';

/** One sentence for the whole decision, without its full stop: the first decisive finding, or what may be done. */
export function summarize(
  decision: Decision,
  findings: readonly ExplainedFinding[],
  release: string,
  question: Pick<Question, 'ring' | 'stage'>,
): string {
  if (decision.verdict === 'promote') {
    const may = question.stage === 'enter' ? 'may enter' : 'has proven itself in';
    return `${release} ${may} ${question.ring}`;
  }
  const decisive = findings.find((finding) => finding.countedAs === decision.verdict);
  return (decisive?.because ?? 'nothing is known').replace(/\.$/, '');
}
