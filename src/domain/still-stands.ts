import { canonicalJson } from './audit/canonical.ts';
import type { Verdict } from './cause.ts';
import type { Decision } from './decision.ts';
import { explain } from './explain.ts';
import type { Facts, Situation } from './facts.ts';
import { evaluateGate } from './gate.ts';
import { hasLease, isLive, isProof, newestLife, releaseState, standing } from './lives.ts';
import type { Measured } from './measurement.ts';
import { formatRelease } from './release.ts';
import { sceneOf } from './scene.ts';
import { planOf, ringOf } from './service.ts';
import { summarize } from './summarize.ts';

/** A decision as it was recorded; `told` is what its caller was told. */
export interface Recorded {
  readonly told: Verdict;
  /** Null for a hold that was recorded without them. */
  readonly facts: Facts | null;
  readonly decision: Decision;
}

export interface Standing {
  readonly stands: boolean;
  /** One sentence: what it still says, or the first reason why it no longer does. */
  readonly because: string;
}

/**
 * Whether a promote or rollback would be answered again now, resting on what was measured then. The
 * measurements count as they were recorded, their age too: a promote is good until `validUntil`, and
 * asking the providers again would make it another decision. They count only for the rules, the plan
 * and the stays of the release that they were taken for. `now` is the same question at the present
 * instant.
 */
export function stillStands(recorded: Recorded, now: Situation): Standing {
  const { told: then, facts: known } = recorded;
  if (then === 'hold' || known === null) return { stands: false, because: 'A hold promises nothing; ask again.' };
  const reason = lapsed(recorded, now) ?? restarted(known, now);
  if (reason !== null) return { stands: false, because: reason };
  const facts: Facts = { ...now, measurements: stillCounting(known, now) };
  const decision = evaluateGate(facts);
  const release = formatRelease(now.question);
  const findings = decision.findings.map((finding) => explain(finding, release));
  const told = now.service.enforcement === 'advise' ? 'promote' : decision.verdict;
  const shown = told === decision.verdict ? decision : { ...decision, verdict: told };
  return { stands: told === then, because: `${summarize(shown, findings, release, now.question)}.` };
}

/** Why nothing was promised, or the promise has come to its end by itself. */
function lapsed({ told, decision }: Recorded, now: Situation): string | null {
  const { question, at } = now;
  if (question.dryRun) return 'It was a dry run, which promises nothing.';
  if (ringOf(planOf(now.service), question.ring) === undefined) {
    return `${question.service} has no ring ${question.ring} any more.`;
  }
  if (told === 'rollback') return null;
  if (!question.mayDeploy) return 'Whoever asked may not deploy, so nothing was promised.';
  if (question.stage === 'exit') return notProven(now);
  if (decision.validUntil === null || decision.validUntil <= at) return `It stood until ${decision.validUntil}.`;
  const life = newestLife(now.rollout, question.version, question.ring);
  const kept = life !== undefined && (hasLease(life, at) || isLive(life));
  if (kept) return null;
  const gone = `${formatRelease(question)} no longer has a promise to enter ${question.ring}`;
  const recall = life?.recalled;
  return recall == null ? `${gone}.` : `${gone}: a halt (${recall.reason}) ended it at ${recall.at}.`;
}

function notProven({ question, rollout }: Situation): string | null {
  const proven = isProof(standing(rollout, question.version, question.ring));
  return proven ? null : `${formatRelease(question)} is no longer proven in ${question.ring}.`;
}

/** What was measured speaks of the stays of then; a release that started again anywhere has to be measured again. */
function restarted(facts: Facts, now: Situation): string | null {
  const { version } = now.question;
  const again = `${formatRelease(now.question)} has started again since, so what was measured no longer counts.`;
  if (releaseState(facts.rollout, version).epoch !== releaseState(now.rollout, version).epoch) return again;
  const stays = sceneOf(now).live.map(({ life }) => `${life.ring} ${life.n}`);
  return sceneOf(facts).live.every(({ life }) => stays.includes(`${life.ring} ${life.n}`)) ? null : again;
}

/** The measurements of rules that are as they were, under a plan that is as it was. */
function stillCounting(facts: Facts, now: Situation): readonly Measured[] {
  if (canonicalJson(facts.service) !== canonicalJson(now.service)) return [];
  const present = new Map(now.rules.map(({ name, rule }) => [name, canonicalJson(rule)]));
  const same = facts.rules.filter(({ name, rule }) => present.get(name) === canonicalJson(rule));
  const prefixes = same.map(({ name }) => `${name}/`);
  return facts.measurements.filter(({ id }) => prefixes.some((prefix) => id.startsWith(prefix)));
}
