import { advance } from '../../src/domain/advance.ts';
import type { Halt, Override } from '../../src/domain/controls.ts';
import type { Decision } from '../../src/domain/decision.ts';
import { explain } from '../../src/domain/explain.ts';
import { EDITION, type Facts, type Question, type Situation } from '../../src/domain/facts.ts';
import type { ExplainedFinding } from '../../src/domain/finding.ts';
import { evaluateGate } from '../../src/domain/gate.ts';
import type { Life, ReportState, Rollout } from '../../src/domain/life.ts';
import { hasLease, knownTo } from '../../src/domain/lives.ts';
import type { MetricQuestion } from '../../src/domain/measurement.ts';
import { questionsFor } from '../../src/domain/questions.ts';
import { applyReport } from '../../src/domain/report.ts';
import { planOf, type ServiceDocument } from '../../src/domain/service.ts';
import { openSpans, type Stay, stayOf } from '../../src/domain/stay.ts';
import { changesBetween, clear, putLife, putRelease } from '../../src/domain/transitions.ts';
import { aRule } from './builders.ts';

export const RINGS = ['canary', 'early', 'global'] as const;
export type Data = 'good' | 'bad' | 'none';
const BAKE = 10;
const NO_DATA = { kind: 'no-data' } as const;

/** The gate's pure core with a clock: what happens to releases when nothing is stored and nobody is asked. */
export class LifeWorld {
  rollout: Rollout = { lives: [], releases: [] };
  readonly service: ServiceDocument;
  #minute = 0;
  #decisions = 0;
  halt: Halt | null = null;
  overrides: readonly Override[] = [];

  constructor(service: Partial<ServiceDocument>) {
    this.service = { rings: RINGS.map((name) => ({ name, bake: `${BAKE}m` })), ...service };
  }

  get at(): string {
    return new Date(Date.UTC(2026, 0, 1, 0, this.#minute)).toISOString();
  }

  copy(): LifeWorld {
    const other = new LifeWorld(this.service);
    Object.assign(other, { rollout: this.rollout, halt: this.halt, overrides: this.overrides });
    other.#minute = this.#minute;
    return other;
  }

  minutes(count: number): void {
    this.#minute += count;
  }

  stay(version: string, ring: string): Stay {
    return stayOf(this.rollout, version, ring, this.at, planOf(this.service));
  }

  facts(question: Pick<Question, 'version' | 'ring' | 'stage'>, data: Data): Facts {
    const asked: Question = {
      service: 'shop',
      change: 'standard',
      dryRun: false,
      artifact: null,
      mayDeploy: true,
      ...question,
    };
    const halts = this.halt === null ? [] : [this.halt];
    const situation: Situation = {
      ...{ v: EDITION, question: asked, at: this.at, service: this.service, providers: { main: { delay: '0s' } } },
      rules: [
        {
          name: 'errors',
          rule: aRule({ limits: { window: '5m', hold: { above: 0.01 }, rollback: { above: 0.05 }, for: '1m' } }),
        },
      ],
      rollout: knownTo(this.rollout, question.version, this.at),
      controls: { freezes: [], halts, approvals: [], overrides: this.overrides, askers: [] },
    };
    const value = { good: '0', bad: '500', none: '0' }[data];
    const textOf = (part: MetricQuestion['part']): string => (part === 'age' ? '1' : part === 'total' ? '1000' : value);
    const measurements = questionsFor(situation).ask.map((question) => ({
      ...question,
      infos: [],
      measurement: data === 'none' ? NO_DATA : ({ kind: 'value', value: textOf(question.part) } as const),
    }));
    return { ...situation, measurements };
  }

  /** Decides without changing anything. */
  look(version: string, ring: string, stage: 'enter' | 'exit', data: Data = 'good'): Decision {
    return evaluateGate(this.facts({ version, ring, stage }, data));
  }

  ask(version: string, ring: string, stage: 'enter' | 'exit', data: Data = 'good'): Decision {
    const facts = this.facts({ version, ring, stage }, data);
    const decision = evaluateGate(facts);
    this.#decisions += 1;
    this.#apply(advance(facts, decision, `d${this.#decisions}`));
    return decision;
  }

  report(
    version: string,
    ring: string,
    state: ReportState,
    more: { startedAt?: string; adopted?: boolean; reason?: string } = {},
  ): void {
    const { startedAt = null, adopted = false, reason = null } = more;
    const own = { version, ring, state, at: this.at, now: this.at, vouched: adopted, startedAt, adopted, reason };
    // Of a report everything is known that is known of its own release.
    this.#apply(changesBetween(this.rollout, applyReport(this.rollout, own, planOf(this.service))));
  }

  /** Stops the line, as storage does it: leases that stand end. */
  stop(): void {
    const recalled = { at: this.at, halt: 'h', reason: 'wait' };
    this.halt = {
      id: 'h',
      at: this.at,
      by: { id: null, name: 'ada' },
      scope: { everything: true },
      reason: 'wait',
      lifted: null,
    };
    const cut = (life: Life): Life => ({
      ...{ ...life, recalled, leaseUntil: this.at },
      spans: (life.spans ?? []).map((span, i, all) => (i === all.length - 1 ? { ...span, end: this.at } : span)),
    });
    const lives = this.rollout.lives.map((life) => (hasLease(life, this.at) ? cut(life) : life));
    this.rollout = { ...this.rollout, lives };
  }

  clear(version: string): void {
    this.rollout = clear(this.rollout, version, this.at, 'looked at it');
  }

  /** When a deployment might have begun under the promise that is known; null without one. */
  beganInside(version: string, ring: string): string | null {
    return (
      openSpans(this.stay(version, ring), this.at, planOf(this.service)).find(({ start, end }) => start < end)?.start ??
      null
    );
  }

  explained(decision: Decision, version: string): readonly ExplainedFinding[] {
    return decision.findings.map((finding) => explain(finding, `shop@${version}`));
  }

  #apply({ lives, releases }: Rollout): void {
    const known = releases.reduce(putRelease, this.rollout);
    this.rollout = lives.reduce(putLife, known);
  }
}
