import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { happen } from '../../src/domain/happen.ts';
import type { Life, Rollout } from '../../src/domain/life.ts';
import {
  type Condition,
  PROMISE_AFTER,
  PROMISES,
  type PromiseEvent,
  type PromiseState,
  STAYS,
  type StayState,
  TURNS,
  type Turn,
  turnFor,
} from '../../src/domain/life-table.ts';
import { stayOf, type Terms } from '../../src/domain/stay.ts';
import { blankLife, promise, prove, restart } from '../../src/domain/transitions.ts';
import { lifePicture } from '../support/life-picture.ts';

/** Every row of the table is made to happen to lives that are in its states, and comes out as the row says. */
const AT = '2026-11-22T12:00:00.000Z';
const BEFORE = '2026-11-22T11:00:00.000Z';
const terms: Terms = { deployments: 'reported', deploymentTimeoutMs: 86_400_000, proofForMs: 14 * 86_400_000 };
const assumed: Terms = { ...terms, deployments: 'assumed' };
const blank = blankLife('1', 'canary', 1, 1);

const PROMISED: Record<PromiseState, Partial<Life>> = {
  none: {},
  standing: { spans: [{ start: BEFORE, end: '2026-11-22T12:10:00.000Z' }], leaseUntil: '2026-11-22T12:10:00.000Z' },
  lapsed: { spans: [{ start: BEFORE, end: '2026-11-22T11:15:00.000Z' }] },
  recalled: {
    spans: [{ start: BEFORE, end: '2026-11-22T11:05:00.000Z' }],
    recalled: { at: '2026-11-22T11:05:00.000Z', halt: 'h', reason: 'wait' },
  },
  revoked: { spans: [{ start: BEFORE, end: '2026-11-22T11:15:00.000Z' }], revokedAt: BEFORE },
};

const ran = { liveAt: BEFORE, placedAt: BEFORE } as const;
const over = { ...ran, phase: 'ended', endedAt: BEFORE } as const;
const IS: Record<StayState, Partial<Life>> = {
  none: {},
  live: { ...ran, phase: 'live' },
  late: { ...ran, phase: 'live', origin: 'late' },
  ungated: { ...ran, phase: 'live', origin: 'ungated' },
  proven: { ...ran, phase: 'proven', provenAt: BEFORE },
  replaced: { ...over, end: 'superseded', provenAt: BEFORE },
  superseded: { ...over, end: 'superseded' },
  'rolled-back': { ...over, end: 'rolled-back' },
  failed: { ...over, end: 'failed' },
  abandoned: { ...over, end: 'abandoned' },
};

/** The lives of one release in canary; a promise beside an ended stay is a life of its own. */
function livesOf(state: StayState, held: PromiseState, proof: 'fresh' | 'faded' | 'none'): readonly Life[] {
  const proven: Life = { ...blank, ...IS.replaced, proofEnd: proof === 'faded' ? 'faded' : null };
  const before = proof === 'none' || state === 'replaced' || state === 'proven' ? [] : [proven];
  const n = before.length + 1;
  const faded = proof === 'faded' && state === 'replaced' ? { proofEnd: 'faded' as const } : {};
  const promised = { promisedAt: BEFORE, placedAt: BEFORE, ...PROMISED[held] };
  if (state === 'none') {
    // A late stay that somebody has ended leaves nothing behind, so that an earlier proof is all there is.
    const left: readonly Life[] =
      before.length === 0 ? [] : [...before, { ...blank, n, ...over, origin: 'late', end: 'superseded' }];
    return held === 'none' ? left : [...left, { ...blank, n: left.length + 1, ...promised }];
  }
  const life: Life = { ...blank, n, ...IS[state], ...faded };
  if (held === 'none') return [...before, life];
  if (STAYS[state].runs) return [...before, { ...life, ...promised }];
  return [...before, life, { ...blank, n: n + 1, ...promised }];
}

interface Case {
  readonly state: StayState;
  readonly promise: PromiseState;
  readonly proof: 'fresh' | 'faded' | 'none';
  readonly adopted: boolean;
  readonly marked: boolean;
  readonly elsewhere: boolean;
}

const cases: readonly Case[] = (Object.keys(STAYS) as StayState[]).flatMap((state) =>
  (Object.keys(PROMISES) as PromiseState[]).flatMap((held) =>
    (['fresh', 'faded', 'none'] as const).flatMap((proof) =>
      [false, true].flatMap((adopted) =>
        [false, true].flatMap((marked) =>
          [false, true].map((elsewhere) => ({ state, promise: held, proof, adopted, marked, elsewhere })),
        ),
      ),
    ),
  ),
);

function rolloutOf({ state, promise: held, proof, marked, elsewhere }: Case): Rollout {
  const other: Life = { ...blank, ...IS.live, ring: 'early' };
  const lives = [...livesOf(state, held, proof), ...(elsewhere ? [other] : [])];
  const mark = marked ? { at: BEFORE, decision: null, reason: 'bad' } : null;
  return { lives, releases: [{ version: '1', epoch: 1, artifact: null, mark }] };
}

function conditions(one: Case, on: Turn['on']): Record<Condition, boolean> {
  const covered = one.promise === 'standing' || (one.promise === 'lapsed' && on === 'assumed');
  return {
    covered,
    promised: one.promise !== 'none',
    recalled: one.promise === 'recalled',
    adopted: one.adopted,
    fresh: one.proof === 'fresh' || (one.proof === 'none' && (one.state === 'replaced' || one.state === 'proven')),
    faded: one.proof === 'faded' && one.state !== 'proven',
    unmarked: !one.marked,
    last: !one.elsewhere,
  };
}

describe('The table of lives', () => {
  const events = ['deployed', 'assumed', 'failed', 'rolled-back', 'abandoned'] as const;
  const reached = new Set<Turn>();

  it.each(events)('says what comes of a release that is %s, whatever it was before', (on) => {
    for (const one of cases) {
      const rollout = rolloutOf(one);
      const now = on === 'assumed' ? assumed : terms;
      const before = stayOf(rollout, '1', 'canary', AT, now);
      expect({ one, state: before.state, promise: before.promise }).toMatchObject({
        state: one.state,
        promise: one.promise,
      });
      const turn = turnFor(on, one.state, conditions(one, on));
      reached.add(turn);
      const what = { on, version: '1', ring: 'canary', at: AT, now: AT, vouched: false, startedAt: null } as const;
      const next = happen(rollout, { ...what, adopted: one.adopted, reason: null }, now);
      const after = stayOf(next, '1', 'canary', AT, now);
      const restarted = turn.also.includes('restart');
      const promiseNow = (['used', 'given-up'] as const).find((each) => turn.also.includes(each));
      const state = restarted ? 'none' : turn.to === 'same' ? one.state : turn.to;
      const held = promiseNow === undefined ? one.promise : PROMISE_AFTER[promiseNow][one.promise];
      expect({ one, turn, state: after.state, promise: after.promise }).toMatchObject({ state, promise: held });
      if (turn.also.includes('bake')) expect({ one, liveAt: after.life?.liveAt }).toMatchObject({ liveAt: AT });
      expect(next.releases[0]?.epoch).toBe(restarted ? 2 : 1);
    }
  });

  it('has no row that is never taken', () => {
    const told = TURNS.filter(({ on }) => events.some((event) => event === on));
    expect(told.filter((turn) => !reached.has(turn))).toEqual([]);
  });

  it('says what comes of whoever runs where another release is deployed', () => {
    for (const state of ['live', 'proven', 'late', 'ungated'] as const) {
      const rollout: Rollout = { lives: livesOf(state, 'none', 'none'), releases: [] };
      const what = {
        on: 'deployed',
        version: '2',
        ring: 'canary',
        at: AT,
        now: AT,
        vouched: false,
        startedAt: null,
      } as const;
      const next = happen(rollout, { ...what, adopted: false, reason: null }, terms);
      expect(stayOf(next, '1', 'canary', AT, terms).state).toBe(turnFor('succeeded', state, {} as never).to);
    }
  });

  it('lets only a stay that is live be proven', () => {
    for (const state of Object.keys(STAYS) as StayState[]) {
      const rollout: Rollout = { lives: livesOf(state, 'none', 'none'), releases: [] };
      const { life } = stayOf(rollout, '1', 'canary', AT, terms);
      if (life === undefined || state === 'late' || state === 'ungated') continue;
      const { to } = turnFor('proven', state, {} as never);
      const after = stayOf(prove(rollout, life, AT, 'd'), '1', 'canary', AT, terms).state;
      expect(after).toBe(to === 'same' ? state : to);
    }
  });
});

describe('The picture in the README', () => {
  it('is drawn from the table', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    expect(readme).toContain(`\`\`\`mermaid\n${lifePicture()}\`\`\``);
  });
});

describe('The table of promises', () => {
  const DAYS_LATER = '2026-11-25T12:00:00.000Z';
  const rollout = (held: PromiseState): Rollout => ({ lives: livesOf('none', held, 'none'), releases: [] });
  const letIn = {
    version: '1',
    ring: 'canary',
    at: AT,
    until: '2026-11-22T12:15:00.000Z',
    decision: 'd',
    artifact: null,
  };
  const happens: Record<PromiseEvent, (held: PromiseState) => { readonly rollout: Rollout; readonly at: string }> = {
    'let-in': (held) => ({ rollout: promise(rollout(held), letIn, terms), at: AT }),
    'lease-ends': (held) => ({ rollout: rollout(held), at: '2026-11-22T12:20:00.000Z' }),
    halted: (held) => ({ rollout: recall(rollout(held)), at: AT }),
    'timed-out': (held) => ({ rollout: rollout(held), at: held === 'standing' ? AT : DAYS_LATER }),
    used: (held) => ({ rollout: used(rollout(held)), at: AT }),
    'given-up': (held) => ({ rollout: reported(rollout(held), 'abandoned'), at: AT }),
    restarted: (held) => ({ rollout: restart(rollout(held), '1', AT), at: AT }),
  };

  it.each(Object.keys(PROMISE_AFTER) as PromiseEvent[])('says what comes of a promise when it is %s', (event) => {
    for (const held of Object.keys(PROMISES) as PromiseState[]) {
      const { rollout: next, at } = happens[event](held);
      expect({ held, promise: stayOf(next, '1', 'canary', at, terms).promise }).toEqual({
        held,
        promise: PROMISE_AFTER[event][held],
      });
    }
  });

  /** What a halt writes, see storage/life-columns.ts. */
  function recall({ lives, releases }: Rollout): Rollout {
    const recalled = { at: AT, halt: 'h', reason: 'wait' };
    const stands = (life: Life) => life.revokedAt == null && (life.spans?.at(-1)?.end ?? '') > AT;
    const cut = (life: Life): Life => ({ ...life, recalled, spans: [{ start: BEFORE, end: AT }], leaseUntil: AT });
    return { releases, lives: lives.map((life) => (stands(life) ? cut(life) : life)) };
  }

  function reported(state: Rollout, on: 'abandoned' | 'deployed', adopted = false): Rollout {
    const said = { at: AT, now: AT, vouched: adopted, startedAt: null, adopted, reason: null };
    return happen(state, { on, version: '1', ring: 'canary', ...said }, terms);
  }

  function used(state: Rollout): Rollout {
    return reported(state, 'deployed', true);
  }
});

describe('A turn that nobody asks for', () => {
  it('is an error, and no silent nothing', () => {
    expect(() => turnFor('succeeded', 'none', {} as never)).toThrow('nothing follows succeeded in none');
  });
});
