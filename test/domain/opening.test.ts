import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FreezeFact, Span } from '../../src/domain/controls.ts';
import { instant } from '../../src/domain/instant.ts';
import { closesAfter, openFrom } from '../../src/domain/opening.ts';

const AT = '2026-11-27T12:00:00.000Z';

function hour(count: number): string {
  return instant(Date.parse(AT) + count * 3_600_000);
}

function span(from: number, to: number): Span {
  return { start: hour(from), end: hour(to) };
}

function aFreeze(more: Partial<FreezeFact> = {}): FreezeFact {
  const words = { title: null, reason: null, timeZone: 'UTC', localUntil: null, localNext: null };
  return { name: 'weekend', kind: 'freeze', ...words, exempt: [], known: true, active: null, next: null, ...more };
}

function asked(freezes: readonly FreezeFact[], change = 'standard'): Parameters<typeof openFrom>[0] {
  const controls = { freezes, halts: [], approvals: [], overrides: [], askers: [] };
  return { question: { change }, controls } as unknown as Parameters<typeof openFrom>[0];
}

describe('when the calendar lets a ring be entered', () => {
  it('is at once where nothing covers the ring, and where nobody had a calendar yet', () => {
    expect(openFrom(asked([]), AT)).toBe(AT);
    expect(openFrom({ ...asked([]), controls: undefined } as never, AT)).toBe(AT);
  });

  it('is the end of the freeze, and of the one that follows on it', () => {
    const first = aFreeze({ active: span(-1, 2) });
    expect(openFrom(asked([first]), AT)).toBe(hour(2));
    expect(openFrom(asked([first, aFreeze({ next: span(2, 5) })]), AT)).toBe(hour(5));
    expect(openFrom(asked([first, aFreeze({ next: span(3, 5) })]), AT)).toBe(hour(2));
  });

  it('is not held up by a freeze that the change is exempt from', () => {
    const freeze = aFreeze({ active: span(-1, 2), exempt: ['security'] });
    expect(openFrom(asked([freeze], 'security'), AT)).toBe(AT);
    expect(openFrom(asked([freeze], 'emergency'), AT)).toBe(hour(2));
  });

  it('is the begin of the next allow window outside of all, or the end of a freeze inside it', () => {
    const allow = aFreeze({ name: 'office', kind: 'allow', next: span(4, 8) });
    expect(openFrom(asked([allow]), AT)).toBe(hour(4));
    expect(openFrom(asked([allow, aFreeze({ next: span(3, 5) })]), AT)).toBe(hour(5));
    expect(openFrom(asked([aFreeze({ kind: 'allow' })]), AT)).toBeNull();
  });

  it('never lies within a freeze, outside the allow windows, or before the moment of asking', () => {
    const spans = fc.tuple(fc.integer({ min: -3, max: 20 }), fc.integer({ min: 1, max: 6 }));
    const facts = fc.record({ kind: fc.constantFrom('freeze' as const, 'allow' as const), spans });
    fc.assert(
      fc.property(fc.array(facts, { maxLength: 8 }), (drawn) => {
        const freezes = drawn.map(({ kind, spans: [from, length] }) => {
          const one = span(from, from + length);
          if (one.start > AT) return aFreeze({ kind, next: one });
          return aFreeze({ kind, active: one.end > AT ? one : null });
        });
        const open = openFrom(asked(freezes), AT);
        const allows = freezes.filter(({ kind }) => kind === 'allow');
        if (open === null) {
          expect(allows.length).toBeGreaterThan(0);
          return;
        }
        const within = (freeze: FreezeFact): boolean =>
          [freeze.active, freeze.next].some((one) => one !== null && one.start <= open && open < one.end);
        expect(open >= AT).toBe(true);
        expect(freezes.some((freeze) => freeze.kind === 'freeze' && within(freeze))).toBe(false);
        expect(allows.length === 0 || allows.some(within)).toBe(true);
      }),
    );
  });
});

describe('when the calendar closes a ring that is open now', () => {
  it('is the begin of the next freeze that does not exempt the change', () => {
    const freezes = [aFreeze({ next: span(3, 5) }), aFreeze({ next: span(1, 2), exempt: ['security'] })];
    expect(closesAfter(asked(freezes), AT)).toBe(hour(1));
    expect(closesAfter(asked(freezes, 'security'), AT)).toBe(hour(3));
    expect(closesAfter(asked([]), AT)).toBeNull();
  });

  it('is the end of the allow window that is open longest', () => {
    const allow = (to: number) => aFreeze({ kind: 'allow', active: span(-1, to) });
    expect(closesAfter(asked([allow(2), allow(6)]), AT)).toBe(hour(6));
    expect(closesAfter(asked([allow(6), aFreeze({ next: span(4, 5) })]), AT)).toBe(hour(4));
  });
});
