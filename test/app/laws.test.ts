import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DecisionBody } from '../../src/app/decision-record.ts';
import type { DecisionDocument } from '../../src/app/documents.ts';
import { idsIn, replayEntry } from '../../src/app/replay-decision.ts';
import { GateError } from '../../src/domain/errors.ts';
import type { Measured, Measurement } from '../../src/domain/measurement.ts';
import { aRingRule, aRule, aService, aServiceRule } from '../support/builders.ts';
import { aWorld, type World } from '../support/world.ts';

/**
 * The laws, over states that are reached as real ones are: random pipelines, operators and providers
 * act on a service, and after every decision each law is checked from the record alone.
 */
const VERSIONS = ['1.0', '1.1'];
const RINGS = ['canary', 'early', 'global'];
const HARM = ['objective-breached', 'burning-fast', 'regression'];
const RULES = {
  errors: aRule(),
  ring: aRingRule(),
  whole: aServiceRule({ limits: { window: '10m', hold: { above: 0.02 } } }),
};

const value = (text: string): Measurement => ({ kind: 'value', value: text });
const measurement = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...['0', '0', '3', '30', '120', '400'].map(value)) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Measurement>(
      { kind: 'no-data' },
      { kind: 'not-a-number', value: 'NaN' },
      { kind: 'not-a-number', value: '+Inf' },
      { kind: 'too-many-series', series: 2 },
      { kind: 'partial', warnings: ['half'] },
      { kind: 'rejected', detail: 'parse error' },
      { kind: 'unavailable', reason: 'connection', detail: 'refused' },
      { kind: 'deadline-exceeded' },
    ),
  },
);

type Command =
  | { do: 'ask'; version: string; ring: string; stage: 'enter' | 'exit'; dryRun: boolean }
  | {
      do: 'report';
      version: string;
      ring: string;
      state: 'deployed' | 'failed' | 'rolled-back' | 'abandoned';
      reason: boolean;
    }
  | { do: 'clear'; version: string }
  | { do: 'wait'; minutes: number }
  | { do: 'measure'; bad: Measurement; total: Measurement; age: Measurement };

const version = fc.constantFrom(...VERSIONS);
const ring = fc.constantFrom('canary', 'canary', 'canary', ...RINGS);
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      version,
      ring,
      stage: fc.constantFrom('enter' as const, 'exit' as const),
      dryRun: fc.constantFrom(false, false, false, true),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('report' as const),
      version,
      ring,
      state: fc.constantFrom(
        'deployed' as const,
        'deployed' as const,
        'failed' as const,
        'rolled-back' as const,
        'abandoned' as const,
      ),
      reason: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const), version }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), minutes: fc.constantFrom(1, 5, 16, 65) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('measure' as const),
      bad: measurement,
      total: fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom(value('1000'), value('400')) },
        { weight: 1, arbitrary: measurement },
      ),
      age: fc.oneof({ weight: 5, arbitrary: fc.constant(value('3')) }, { weight: 1, arbitrary: measurement }),
    }),
  },
);

const history = fc.array(command, { minLength: 25, maxLength: 40, size: 'max' });

/** Runs the commands and hands over every decision with its recorded body. */
async function play(
  commands: readonly Command[],
  concurrency: 'queue' | 'supersede',
  check: (decision: DecisionDocument, body: DecisionBody, world: World) => void,
  onClear: (version: string) => void = () => undefined,
): Promise<void> {
  const world = await aWorld(aService({ concurrency }), RULES);
  for (const each of commands) {
    if (each.do === 'wait') world.minutes(each.minutes);
    if (each.do === 'measure')
      world.answer = (question) => each[question.part === 'total' || question.part === 'age' ? question.part : 'bad'];
    if (each.do === 'report') {
      const reason = each.reason ? { reason: 'looks bad' } : {};
      await world.report(each.version, each.ring, { state: each.state, ...reason });
    }
    if (each.do === 'clear') {
      await world.clear(each.version).then(
        () => onClear(each.version),
        (error) => expect(error).toBeInstanceOf(GateError),
      );
    }
    if (each.do !== 'ask') continue;
    const decision = await world.ask(each.version, each.ring, each.stage, { dryRun: each.dryRun });
    const stored = await world.ports.store.entry(decision.id);
    check(decision, JSON.parse(stored?.body ?? 'null') as DecisionBody, world);
  }
}

async function forAll(
  check: (decision: DecisionDocument, body: DecisionBody, world: World) => void,
  runs = 100,
): Promise<void> {
  const concurrency = fc.constantFrom('queue' as const, 'supersede' as const);
  await fc.assert(
    fc.asyncProperty(history, concurrency, (commands, mode) => play(commands, mode, check)),
    { numRuns: runs },
  );
}

const byId = (body: DecisionBody): Map<string, Measured> => new Map(body.facts.measurements.map((m) => [m.id, m]));
const number = (measured: Measured | undefined): number =>
  measured?.measurement.kind === 'value' ? Number(measured.measurement.value) : Number.NaN;

describe('Law 1: not knowing is never promote', () => {
  it('promotes only when every counted finding says promote, and hold is the answer to everything unknown', async () => {
    let promotes = 0;
    await forAll((decision, body) => {
      const counted = decision.findings.filter((finding) => finding.countedAs !== null);
      const worst = counted.some((f) => f.countedAs === 'rollback')
        ? 'rollback'
        : counted.some((f) => f.countedAs === 'hold')
          ? 'hold'
          : 'promote';
      expect(decision.verdict).toBe(worst);
      if (decision.verdict !== 'promote') return;
      promotes += 1;
      for (const finding of counted.filter((f) => f.check === 'rule' && f.cause !== 'not-applicable')) {
        const answers = byId(body);
        const at = (part: string) => answers.get(`${finding.rule}/${finding.ring}/${part}`)?.measurement;
        expect(at('total/0')?.kind).toBe('value');
        expect(['value', 'no-data']).toContain(at('bad/0')?.kind);
        expect(at('age-total/0')?.kind).toBe('value');
      }
    });
    expect(promotes).toBeGreaterThan(50);
  });
});

describe('Law 2: rollback needs fresh proof of harm that is this release’s', () => {
  it('never rolls back for harm without enough bad events, persistence, freshness, attribution and a live release', async () => {
    let rollbacks = 0;
    await forAll((decision, body) => {
      for (const finding of decision.findings.filter((f) => f.countedAs === 'rollback' && HARM.includes(f.cause))) {
        rollbacks += 1;
        expect(decision.live).toContain(finding.ring);
        expect(finding.rule).not.toBe('whole');
        const answers = byId(body);
        for (const i of [0, 1, 2]) {
          const bad = number(answers.get(`${finding.rule}/${finding.ring}/bad/${i}`));
          const total = number(answers.get(`${finding.rule}/${finding.ring}/total/${i}`));
          expect(bad / total).toBeGreaterThan(0.05);
          if (i === 0) expect(bad).toBeGreaterThanOrEqual(10);
        }
        expect(number(answers.get(`${finding.rule}/${finding.ring}/age-total/0`))).toBeLessThanOrEqual(300);
        if (finding.rule !== 'ring') continue;
        const since = Date.parse(body.at) - 600_000;
        const others = body.facts.rollout.lives.filter(
          (l) => l.ring === finding.ring && l.version !== decision.version,
        );
        expect(others.every((life) => life.liveAt === null || Date.parse(life.liveAt) < since)).toBe(true);
      }
    }, 150);
    expect(rollbacks).toBeGreaterThan(20);
  });
});

describe('Law 3: a harm rollback is sticky', () => {
  it('answers rolled-back-earlier after harm until somebody clears it: rollback while live, else a hold for a person', async () => {
    let seen = 0;
    const concurrency = fc.constantFrom('queue' as const, 'supersede' as const);
    await fc.assert(
      fc.asyncProperty(history, concurrency, async (commands, mode) => {
        const marked = new Set<string>();
        const check = (decision: DecisionDocument) => {
          const earlier = decision.findings.find((f) => f.cause === 'rolled-back-earlier');
          if (marked.has(decision.version)) {
            seen += 1;
            expect(earlier?.countedAs).toBe(decision.live.length > 0 ? 'rollback' : 'hold');
            if (decision.live.length === 0) expect(earlier?.clears).toBe('by-person');
          }
          const harm = decision.findings.some((f) => f.countedAs === 'rollback' && HARM.includes(f.cause));
          if (harm && !decision.dryRun) marked.add(decision.version);
        };
        await play(commands, mode, check, (cleared) => marked.delete(cleared));
      }),
      { numRuns: 100 },
    );
    expect(seen).toBeGreaterThan(20);
  });
});

describe('Law 5: what was decided on is still true when it is recorded', () => {
  it('takes the decision again when something changes in between, and the record rests on the newer state', async () => {
    const world = await aWorld(aService(), { errors: aRule() });
    await world.ask('1.0', 'canary');
    await world.ask('1.0', 'canary', 'exit');
    world.minutes(20);
    world.ports.store.beforeAppend = () => world.put('rule', 'errors', aRule({ minEvents: 100_000 }));
    const decision = await world.ask('1.0', 'canary', 'exit');
    expect(decision.verdict).toBe('hold');
    expect(decision.findings.map((finding) => finding.cause)).toContain('too-few-events');
  });

  it('holds with state-changed when the state never keeps still, and changes nothing', async () => {
    const world = await aWorld(aService(), { errors: aRule() });
    const unrest = async (): Promise<void> => {
      world.ports.store.touch('service/checkout');
      world.ports.store.beforeAppend = unrest;
    };
    world.ports.store.beforeAppend = unrest;
    const decision = await world.ask('1.0', 'canary');
    expect(decision.verdict).toBe('hold');
    expect(decision.findings.filter((f) => f.countedAs === 'hold').map((f) => f.cause)).toEqual(['state-changed']);
    expect(await world.ports.store.lives('checkout', '1.0')).toEqual([]);
  });
});

describe('Law 6: all checks always answer', () => {
  it('has a finding of every check, for every required ring, and of every rule', async () => {
    await forAll((decision) => {
      const names = new Set<string>(decision.findings.map((finding) => finding.check));
      expect(['rollback', 'artifact', 'order', 'bake', 'occupancy', 'rule'].filter((name) => !names.has(name))).toEqual(
        [],
      );
      const rules = new Set(decision.findings.flatMap((finding) => finding.rule ?? []));
      expect([...rules].sort()).toEqual(Object.keys(RULES).sort());
      const before = decision.stage === 'exit' ? [decision.ring] : RINGS.slice(0, RINGS.indexOf(decision.ring));
      for (const check of ['order', 'bake', 'measured']) {
        const rings = decision.findings.filter((f) => f.check === check && f.cause !== 'first-ring').map((f) => f.ring);
        expect(rings).toEqual(before);
      }
    }, 40);
  });
});

describe('Law 7: one instant', () => {
  it('derives every evaluation instant from the decision’s, minus the delay, floored to ten seconds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 600 }),
        fc.integer({ min: 0, max: 3_600_000 }),
        async (delay, later) => {
          const world = await aWorld(aService(), RULES, {
            kind: 'prometheus',
            url: 'http://127.0.0.1:9',
            delay: `${delay}s`,
          });
          world.ports.store.advance(later);
          await world.ask('1.0', 'canary');
          await world.ask('1.0', 'canary', 'exit');
          world.minutes(30);
          const { id } = await world.ask('1.0', 'canary', 'exit');
          const body = JSON.parse((await world.ports.store.entry(id))?.body ?? 'null') as DecisionBody;
          const now = Math.floor((Date.parse(body.at) - delay * 1000) / 10_000) * 10_000;
          const allowed = [now, now - 60_000, now - 120_000];
          expect(body.facts.measurements.length).toBeGreaterThan(0);
          for (const { at } of body.facts.measurements) expect(allowed).toContain(Date.parse(at));
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('Law 8: the record is enough', () => {
  it('recomputes every decision from its recorded facts, verdict and bytes', async () => {
    let replayed = 0;
    let repeated = 0;
    await forAll((_, body, world) => {
      const { commits } = world.ports.store;
      const text = commits.at(-1)?.entry.body ?? '';
      const original = commits.find(({ entry }) => entry.id === idsIn(text).repeats)?.entry.body;
      const result = replayEntry(text, '9.9.9', original);
      repeated += original === undefined ? 0 : 1;
      expect(result).toMatchObject({ verdictIdentical: true, bytesIdentical: true, recordedBy: body.gateVersion });
      replayed += 1;
    }, 40);
    expect(replayed).toBeGreaterThan(300);
    expect(repeated).toBeGreaterThan(10);
  });
});
