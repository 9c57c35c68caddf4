import { EDITION, type Situation } from '../../src/domain/facts.ts';
import type { Life } from '../../src/domain/life.ts';
import type { RuleDocument } from '../../src/domain/rule.ts';
import { aService } from './builders.ts';

/** What is known before providers are asked: `checkout@1` has been live in canary since `liveAt` and asks to leave it. */
export function aSituation(setup: {
  readonly rule: RuleDocument;
  readonly at: string;
  readonly liveAt: string;
  readonly stage?: 'enter' | 'exit';
  readonly delay?: string;
}): Situation {
  const { rule, at, liveAt, stage = 'exit', delay = '0s' } = setup;
  return {
    v: EDITION,
    question: {
      service: 'checkout',
      version: '1',
      ring: 'canary',
      stage,
      change: 'standard',
      dryRun: false,
      artifact: null,
      mayDeploy: true,
    },
    at,
    service: aService(),
    rules: [{ name: 'errors', rule }],
    providers: { main: { delay, scrapeInterval: '15s' } },
    rollout: { lives: [lifeSince(liveAt)], releases: [{ version: '1', epoch: 1, artifact: null, mark: null }] },
  };
}

function lifeSince(liveAt: string): Life {
  return {
    version: '1',
    ring: 'canary',
    n: 1,
    epoch: 1,
    phase: 'live',
    end: null,
    origin: 'gated',
    promisedAt: liveAt,
    leaseUntil: null,
    liveAt,
    provenAt: null,
    endedAt: null,
    report: 'deployed',
    reportedAt: liveAt,
    enteredBy: null,
    provenBy: null,
    reason: null,
  };
}
