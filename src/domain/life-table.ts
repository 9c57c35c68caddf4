/**
 * The life of a release in a ring, as data: what it can be, what may happen, and what follows. Two things stand
 * side by side, the promise (may a deployment begin?) and the stay (does the release run?). The code that changes
 * lives takes its rows from here (happen.ts), the tests go through them one by one, and the picture in the README
 * is drawn from them. All of it is about the present history of the release: that begins anew when its last stay is
 * rolled back, and when it is cleared.
 */

/** Whether a deployment may begin, or may have begun. Only `standing` is a fact for other releases. */
export const PROMISES = {
  none: 'Nobody was let in, the promise was used or given up, or it is lost: deploymentTimeout has passed.',
  standing: 'A deployment may begin. Asking again makes the lease longer.',
  lapsed: 'The lease has ended by itself. What began under it may still be reported.',
  recalled: 'A halt has ended the lease. What began before the halt may still be reported.',
  revoked: 'The release had to start again. What is still reported is late.',
} as const;

export type PromiseState = keyof typeof PROMISES;

/** `runs`: harm is judged and the ring is occupied. `counts`: it bakes, can prove the ring and come before other rings. */
export const STAYS = {
  none: { runs: false, counts: false, says: 'It was never here.' },
  live: { runs: true, counts: true, says: 'It was let in, or adopted, or put back to be proven anew.' },
  late: { runs: true, counts: false, says: 'It was let in, but nothing shows that the deployment began in time.' },
  ungated: { runs: true, counts: false, says: 'Nobody asked the gate.' },
  proven: { runs: true, counts: true, says: 'It has served its bake and measured well.' },
  replaced: {
    runs: false,
    counts: false,
    says: 'Another release came after it was proven. The proof stands until it fades.',
  },
  superseded: { runs: false, counts: false, says: 'Another release came before it was proven.' },
  'rolled-back': { runs: false, counts: false, says: 'It was reported as taken back.' },
  failed: { runs: false, counts: false, says: 'The deployment failed. It may be repeated under its promise.' },
  abandoned: { runs: false, counts: false, says: 'It was reported as given up.' },
} as const satisfies Record<string, { readonly runs: boolean; readonly counts: boolean; readonly says: string }>;

export type StayState = keyof typeof STAYS;

export type PromiseEvent = 'let-in' | 'lease-ends' | 'halted' | 'timed-out' | 'used' | 'given-up' | 'restarted';

const same = {
  none: 'none',
  standing: 'standing',
  lapsed: 'lapsed',
  recalled: 'recalled',
  revoked: 'revoked',
} as const;
const gone = { none: 'none', standing: 'none', lapsed: 'none', recalled: 'none', revoked: 'none' } as const;

/** What a promise becomes. `given-up` is a report of `rolled-back` or `abandoned`; `failed` leaves the promise as it is. */
export const PROMISE_AFTER: Readonly<Record<PromiseEvent, Readonly<Record<PromiseState, PromiseState>>>> = {
  'let-in': { none: 'standing', standing: 'standing', lapsed: 'standing', recalled: 'standing', revoked: 'standing' },
  'lease-ends': { ...same, standing: 'lapsed' },
  halted: { ...same, standing: 'recalled' },
  'timed-out': { ...gone, standing: 'standing' },
  used: gone,
  'given-up': gone,
  restarted: { none: 'none', standing: 'revoked', lapsed: 'revoked', recalled: 'revoked', revoked: 'revoked' },
};

export type StayEvent = 'deployed' | 'assumed' | 'proven' | 'succeeded' | 'failed' | 'rolled-back' | 'abandoned';

/**
 * What has to be true. `covered`: the deployment began inside the promise. `promised`: there is a promise of any
 * kind. `adopted`: an operator says so. `fresh` and `faded`: it was proven here, and the proof counts, or has faded.
 * `unmarked`: no rollback mark stands. `last`: it runs in no other ring.
 */
export type Condition = 'covered' | 'promised' | 'recalled' | 'adopted' | 'fresh' | 'faded' | 'unmarked' | 'last';

/**
 * What follows beside the new state. `bake`: bake counts from here. `used`: the promise is used up. `occupy`: whoever
 * runs there is succeeded. `given-up`: the promise ends. `judge`: harm sets the mark. `restart`: the release starts again.
 */
export type Consequence = 'bake' | 'used' | 'occupy' | 'given-up' | 'judge' | 'restart';

export interface Turn {
  readonly on: StayEvent;
  readonly from: readonly StayState[] | 'any';
  /** All of them. */
  readonly when: readonly Condition[];
  readonly to: StayState | 'same';
  readonly also: readonly Consequence[];
}

const GONE = ['none', 'replaced', 'superseded', 'rolled-back', 'failed', 'abandoned'] as const;
const OUTSIDE = ['late', 'ungated'] as const;
const ENDABLE = ['live', 'late', 'ungated', 'proven', 'failed'] as const;

/** The first row that fits is taken. */
export const TURNS: readonly Turn[] = [
  { on: 'deployed', from: ['live', 'proven'], when: [], to: 'same', also: [] },
  { on: 'deployed', from: OUTSIDE, when: ['adopted'], to: 'live', also: ['bake', 'used'] },
  { on: 'deployed', from: OUTSIDE, when: ['covered'], to: 'live', also: ['bake', 'used'] },
  { on: 'deployed', from: OUTSIDE, when: [], to: 'same', also: [] },
  // Going back to what was proven here never waits.
  { on: 'deployed', from: GONE, when: ['fresh', 'unmarked'], to: 'proven', also: ['used', 'occupy'] },
  { on: 'deployed', from: GONE, when: ['covered'], to: 'live', also: ['bake', 'used', 'occupy'] },
  { on: 'deployed', from: GONE, when: ['faded', 'unmarked'], to: 'live', also: ['bake', 'used', 'occupy'] },
  { on: 'deployed', from: GONE, when: ['adopted'], to: 'live', also: ['bake', 'used', 'occupy'] },
  // The promise is kept, so that the beginning may still be reported.
  { on: 'deployed', from: GONE, when: ['promised'], to: 'late', also: ['bake', 'occupy'] },
  { on: 'deployed', from: GONE, when: [], to: 'ungated', also: ['bake', 'occupy'] },
  // A question about exit of this ring, or about a ring after it, where the plan assumes deployments. What was
  // reported as failed stays so until somebody reports otherwise.
  { on: 'assumed', from: ['failed'], when: [], to: 'same', also: [] },
  { on: 'assumed', from: [...GONE, ...OUTSIDE], when: ['covered'], to: 'live', also: ['bake', 'used', 'occupy'] },
  { on: 'assumed', from: GONE, when: ['recalled'], to: 'late', also: ['bake', 'occupy'] },
  { on: 'assumed', from: 'any', when: [], to: 'same', also: [] },
  { on: 'proven', from: ['live'], when: [], to: 'proven', also: [] },
  { on: 'proven', from: 'any', when: [], to: 'same', also: [] },
  // Another release is deployed in the ring.
  { on: 'succeeded', from: ['live'], when: [], to: 'superseded', also: [] },
  { on: 'succeeded', from: ['proven'], when: [], to: 'replaced', also: [] },
  { on: 'succeeded', from: OUTSIDE, when: [], to: 'none', also: [] },
  { on: 'failed', from: ['replaced', 'superseded'], when: [], to: 'same', also: [] },
  { on: 'failed', from: 'any', when: [], to: 'failed', also: [] },
  { on: 'rolled-back', from: ENDABLE, when: ['last'], to: 'rolled-back', also: ['given-up', 'judge', 'restart'] },
  { on: 'rolled-back', from: ENDABLE, when: [], to: 'rolled-back', also: ['given-up', 'judge'] },
  // It ends nothing, so nothing starts again.
  { on: 'rolled-back', from: 'any', when: [], to: 'same', also: ['given-up'] },
  { on: 'abandoned', from: ENDABLE, when: [], to: 'abandoned', also: ['given-up', 'judge'] },
  { on: 'abandoned', from: 'any', when: [], to: 'same', also: ['given-up'] },
];

/** The row for what has happened. Throws where the table has none: no caller asks for that. */
export function turnFor(on: StayEvent, from: StayState, is: Readonly<Record<Condition, boolean>>): Turn {
  const row = TURNS.find(
    (turn) =>
      turn.on === on && (turn.from === 'any' || turn.from.includes(from)) && turn.when.every((each) => is[each]),
  );
  if (row === undefined) throw new RangeError(`nothing follows ${on} in ${from}`);
  return row;
}
