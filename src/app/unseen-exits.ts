import { after } from '../domain/instant.ts';
import { isLive } from '../domain/lives.ts';
import { formatRelease } from '../domain/release.ts';
import type { GateState, Ports } from './ports.ts';
import { questionIn, type RecordedBody } from './repeated-hold.ts';

/** How far back the questions are looked through, and how many of them. */
const DAY_MS = 86_400_000;
const MOST = 100;

/**
 * Warnings of releases whose exit is asked for while nothing is known to run: whatever deploys them goes past
 * the gate, and harm in them is not even looked at.
 */
export async function unseenExits(
  ports: Pick<Ports, 'store'>,
  service: string,
  { now, rollout, service: plan }: GateState,
): Promise<readonly string[]> {
  const filter = { kind: 'decision', service, cause: 'previous-ring-missing', from: after(now, -DAY_MS) };
  const { items } = await ports.store.entries(filter, { limit: MOST, cursor: null });
  const bodies = items.map(({ body }) => JSON.parse(body) as RecordedBody);
  const unseen = bodies.filter(
    (body) => body.stage === 'exit' && !questionIn(body).dryRun && !body.decision.live.includes(body.ring),
  );
  const still = unseen.filter((body) => {
    const { version } = questionIn(body);
    return !rollout.lives.some((life) => life.version === version && life.ring === body.ring && isLive(life));
  });
  const remedy = plan?.deployments === 'reported' ? 'report its deployment' : 'ask with running=true';
  return [...new Set(still.map((body) => warning(body, remedy)))];
}

function warning(body: RecordedBody, remedy: string): string {
  const release = formatRelease(questionIn(body));
  return `the exit of ${release} from ${body.ring} is asked for, but it is not known to run there, so harm in it rolls nothing back: if it does run there, ${remedy}`;
}
