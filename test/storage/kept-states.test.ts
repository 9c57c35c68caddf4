import { describe, expect, it } from 'vitest';
import type { ControlRow } from '../../src/app/ports.ts';
import { KeptStates, type StandingState, stateAt } from '../../src/storage/kept-states.ts';

const row = (expiresAt: string | null) => ({ expiresAt }) as ControlRow;
const aState = (overrides: Partial<StandingState> = {}): StandingState => ({
  service: null,
  rules: [],
  providers: [],
  freezes: [],
  controls: [],
  askers: [],
  rollout: { lives: [], releases: [] },
  revisions: { history: 7, global: 1, 'service/a': 1 },
  ...overrides,
});

describe('Kept states', () => {
  it('are known for ten seconds and no longer', () => {
    const clock = { ms: 0 };
    const states = new KeptStates(() => clock.ms);
    const state = states.keep('a@1', aState());
    clock.ms = 10_000;
    expect([states.get('a@1'), states.get('a@2')]).toEqual([state, null]);
    clock.ms = 10_001;
    expect(states.get('a@1')).toBeNull();
  });

  it('give way to newer ones, the oldest first', () => {
    const states = new KeptStates(() => 0);
    for (let i = 0; i < 1001; i += 1) states.keep(`a@${i}`, aState());
    const newer = states.keep('a@5', aState({ revisions: { history: 7, global: 2 } }));
    expect([states.get('a@0'), states.get('a@5'), states.get('a@1000')]).toEqual([null, newer, aState()]);
  });

  it('lose what people said for a limited time the moment that is over', () => {
    const [lasting, short] = [row(null), row('2026-11-22T10:00:00.000Z')];
    const state = aState({ controls: [lasting, short] });
    expect(stateAt(state, '1', '2026-11-22T09:59:59.999Z').controls).toEqual([lasting, short]);
    expect(stateAt(state, '1', '2026-11-22T10:00:00.000Z').controls).toEqual([lasting]);
  });
});
