import { after } from '../domain/instant.ts';
import { answerGithub } from './answer-github.ts';
import type { Ports } from './ports.ts';

/** How many one sweep takes; so many again may still be due. */
export const GITHUB_SWEEP = 10;
/** Longer than one step can take: signing in, looking for a tag, deciding and telling have limits of their own. */
const CLAIM_MS = 60_000;

/**
 * Takes every waiting deployment that is due a step further. Any number of replicas may do so at once:
 * what one works on is not due for the others, and comes due again when it dies over it.
 * @returns how many there were.
 * @throws what the store throws, and the first defect; all others have been worked on then.
 */
export async function sweepGithub(ports: Ports): Promise<number> {
  const now = await ports.store.now();
  const claimed = await ports.store.claimGithub({ now, until: after(now, CLAIM_MS), limit: GITHUB_SWEEP });
  const outcomes = await Promise.allSettled(claimed.map((each) => answerGithub(ports, each)));
  const broken = outcomes.find((each) => each.status === 'rejected');
  if (broken !== undefined) throw broken.reason;
  return claimed.length;
}
