import { describe, expect, it } from 'vitest';
import { approve, withdrawApproval } from '../../src/app/approvals.ts';
import { halt } from '../../src/app/halts.ts';
import { override, withdrawOverride } from '../../src/app/overrides.ts';
import type { HaltScope } from '../../src/domain/controls.ts';
import { aRule, aService } from '../support/builders.ts';
import { operator } from '../support/people.ts';
import { aWorld, counts, type World } from '../support/world.ts';

/**
 * Law 5: what a decision rests on must still be true when it is recorded. Whatever somebody changes
 * while a decision is being taken, at whichever of its steps, no promote gets through.
 */
const ADA = operator('ada');

interface Scene {
  readonly world: World;
  readonly approval: string;
  readonly override: string;
}

/** One question away from entering `early`: by its measurements, an approval and an override, so that each of them matters. */
async function almostThere(): Promise<Scene> {
  const rings = [
    { name: 'canary', bake: '15m' },
    { name: 'early', bake: '15m', approvals: 1 },
  ];
  const world = await aWorld(aService({ rings }), { errors: aRule() });
  await world.ask('1.0', 'canary');
  await world.report('1.0', 'canary', { state: 'deployed' });
  world.minutes(3);
  const approval = await approve(world.ports, ADA, { release: 'checkout@1.0', ring: 'early' });
  const glass = await override(world.ports, ADA, {
    release: 'checkout@1.0',
    rings: ['early'],
    checks: ['bake'],
    reason: 'the fix for incident 4711 cannot wait',
    expiresAt: '2026-11-22T12:00:00Z',
  });
  return { world, approval: approval.id, override: glass.id };
}

const stop =
  (scope: HaltScope) =>
  ({ world }: Scene) =>
    halt(world.ports, ADA, { scope, reason: 'the payment provider is down' });

const FREEZE = {
  kind: 'freeze',
  scope: { services: ['*'], rings: ['early'] },
  timeZone: 'UTC',
  start: '2026-11-22T00:00:00',
  end: '2026-11-23T00:00:00',
};

/** What somebody does meanwhile, and why the answer then is no promote. */
const CHANGES: readonly (readonly [string, (scene: Scene) => Promise<unknown>, readonly string[]])[] = [
  ['a halt of the release', stop({ release: 'checkout@1.0' }), ['halted']],
  ['a halt of the service', stop({ service: 'checkout' }), ['halted']],
  ['a halt of everything', stop({ everything: true }), ['halted']],
  ['a freeze', ({ world }) => world.put('freeze', 'sunday', FREEZE), ['frozen']],
  [
    'a changed rule',
    ({ world }) => world.put('rule', 'errors', aRule({ minEvents: 100_000 })),
    ['too-few-events', 'nothing-measured'],
  ],
  ['a withdrawn approval', (scene) => withdrawApproval(scene.world.ports, ADA, scene.approval), ['approval-missing']],
  ['a withdrawn override', (scene) => withdrawOverride(scene.world.ports, ADA, scene.override), ['baking']],
];

/** Lets the change land once, at one step of the next decision. */
const STEPS: readonly (readonly [string, (world: World, land: () => Promise<unknown>) => void])[] = [
  ['once the state has been read', afterLoad],
  ['while the provider is asked', whileAsked],
  ['just before it is recorded', (world, land) => Object.assign(world.ports.store, { beforeAppend: land })],
];

function afterLoad({ ports: { store } }: World, land: () => Promise<unknown>): void {
  const read = store.gateState.bind(store);
  store.gateState = async (service, version) => {
    const state = await read(service, version);
    store.gateState = read;
    await land();
    return state;
  };
}

function whileAsked(world: World, land: () => Promise<unknown>): void {
  const { providers } = world.ports;
  const { ask } = providers;
  providers.ask = async (...question) => {
    providers.ask = ask;
    await land();
    return ask(...question);
  };
}

/** A store that records whatever it is given, as if nobody had changed anything. */
function forgetExpectations({ ports: { store } }: World): void {
  const append = store.append.bind(store);
  store.append = (commit) => append({ ...commit, expects: {} });
}

const cases = CHANGES.flatMap(([what, change, causes]) =>
  STEPS.map(([when, arrange]) => [what, when, change, arrange, causes] as const),
);

describe('Law 5: a decision that would promote', () => {
  it('does so when nothing changes', async () => {
    const { world } = await almostThere();
    expect(await world.ask('1.0', 'early')).toMatchObject({ verdict: 'promote' });
  });

  it.each(cases)('holds because of %s that lands %s', async (_what, _when, change, arrange, expected) => {
    const scene = await almostThere();
    const { world } = scene;
    let landed = 0;
    arrange(world, async () => {
      landed += 1;
      await change(scene);
    });
    const decision = await world.ask('1.0', 'early');
    expect({ landed, verdict: decision.verdict }).toEqual({ landed: 1, verdict: 'hold' });
    const causes = decision.findings.filter(({ countedAs }) => countedAs === 'hold').map((finding) => finding.cause);
    expect(causes).toEqual(expected);
    const lives = await world.ports.store.lives('checkout', '1.0');
    expect(lives.map(({ ring, phase }) => [ring, phase])).toEqual([['canary', 'live']]);
    const promotes = world.ports.store
      .bodies()
      .filter(({ verdict, ring }) => verdict === 'promote' && ring === 'early');
    expect(promotes).toEqual([]);
  });

  it.each(cases)(
    'would let %s that lands %s pass if the store did not compare',
    async (_what, _when, change, arrange) => {
      const scene = await almostThere();
      forgetExpectations(scene.world);
      arrange(scene.world, () => change(scene));
      expect(await scene.world.ask('1.0', 'early')).toMatchObject({ verdict: 'promote' });
    },
  );

  it('rolls back when harm turns up together with a halt meanwhile', async () => {
    const scene = await almostThere();
    const { world } = scene;
    whileAsked(world, async () => {
      world.answer = counts(500, 1000);
      await stop({ service: 'checkout' })(scene);
    });
    expect(await world.ask('1.0', 'early')).toMatchObject({ verdict: 'rollback' });
  });
});
