import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Life } from '../../src/domain/life.ts';
import type { OpenedStore } from '../../src/storage/store.ts';
import { engineKinds, openEngine, type TestEngine } from '../support/engines.ts';
import { aCommit, aLife, putLife } from './commits.ts';

const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const instant = fc.option(fc.nat({ max: 12 }).map(at));
const aRandomLife: fc.Arbitrary<Life> = fc
  .record({
    version: fc.constantFrom('1', '2', '3', '4', '5', '6', '7', '8'),
    ring: fc.constantFrom('a', 'b'),
    n: fc.constantFrom(1, 2),
    phase: fc.constantFrom('live', 'proven', 'ended', 'ended', 'ended'),
    claimed: fc.constantFrom(null, null, true),
    end: fc.constantFrom('superseded', 'failed'),
    liveAt: instant,
    provenAt: instant,
    reportedAt: instant,
    endedAt: fc.nat({ max: 12 }).map(at),
  })
  .map((parts) => aLife(parts.phase === 'ended' ? parts : { ...parts, end: null, endedAt: null }));

const keyOf = ({ ring, version, n }: Life): string => `${ring} ${version} ${n}`;

/** The newest by an instant; of equal ones the higher number, then the lower version. */
function latest(lives: readonly Life[], instantOf: (life: Life) => string | null, count: number): readonly Life[] {
  const known = lives.filter((life) => instantOf(life) !== null);
  return known
    .sort((a, b) =>
      (
        instantOf(a) !== instantOf(b)
          ? (instantOf(a) ?? '') < (instantOf(b) ?? '')
          : a.n !== b.n
            ? a.n < b.n
            : a.version > b.version
      )
        ? 1
        : -1,
    )
    .slice(0, count);
}

function ofTwoVersions(lives: readonly Life[], instantOf: (life: Life) => string | null): readonly Life[] {
  const [first] = latest(lives, instantOf, 1);
  const others = lives.filter((life) => life.version !== first?.version);
  return [...(first === undefined ? [] : [first]), ...latest(others, instantOf, 1)];
}

/** Of the release itself: its newest life, its newest stay, its newest proof, and its latest ends. */
function ownIn(own: readonly Life[]): readonly Life[] {
  const newest = (lives: readonly Life[]) => [...lives].sort((a, b) => b.n - a.n).slice(0, 1);
  const ended = own.filter((life) => life.phase === 'ended');
  const last = (lives: readonly Life[]) => latest(lives, (life) => life.endedAt, 1);
  return [
    ...newest(own),
    ...newest(own.filter((life) => life.liveAt !== null)),
    ...newest(own.filter((life) => life.provenAt !== null)),
    ...last(ended.filter((life) => life.end !== 'failed')),
    ...last(ended.filter((life) => life.liveAt !== null)),
  ];
}

/** Said again, in the plainest way, over all lives that there are. */
function relevantOf(lives: readonly Life[], version: string): readonly string[] {
  const inRing = (ring: string) => {
    const here = lives.filter((life) => life.ring === ring);
    return [
      ...here.filter((life) => life.phase !== 'ended' && !life.claimed),
      ...latest(here, (life) => life.provenAt, 5),
      ...[true, false].flatMap((claimed) =>
        ofTwoVersions(
          here.filter((life) => (life.claimed ?? false) === claimed),
          (life) => life.liveAt,
        ),
      ),
      ...latest(here, (life) => life.reportedAt, 1),
      ...ofTwoVersions(
        here.filter((life) => life.end === 'failed'),
        (life) => life.endedAt,
      ),
    ];
  };
  const running = lives.filter((life) => life.phase !== 'ended' && !life.claimed).map((life) => life.version);
  const newest = (own: readonly Life[]) => [...own].sort((a, b) => b.n - a.n).slice(0, 1);
  const ofOne = (other: string) =>
    ['a', 'b'].flatMap((ring) => newest(lives.filter((life) => life.version === other && life.ring === ring)));
  const own = ['a', 'b'].flatMap((ring) =>
    ownIn(lives.filter((life) => life.version === version && life.ring === ring)),
  );
  const others = [...new Set(running)].flatMap(ofOne);
  return [...new Set([...own, ...others, ...inRing('a'), ...inRing('b')].map(keyOf))].sort();
}

describe.each(engineKinds)('The lives that a decision can depend on, on %s', (kind) => {
  let engine: TestEngine;
  let store: OpenedStore;
  let services = 0;

  beforeAll(async () => {
    engine = await openEngine(kind);
    store = await engine.open();
  });
  afterAll(() => engine.destroy());

  it('are the same whatever was written and written again in which order', async () => {
    const batches = fc.array(fc.array(aRandomLife, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(batches, async (written) => {
        services += 1;
        const service = `s${services}`;
        const standing = new Map<string, Life>();
        for (const lives of written) {
          await store.append(aCommit({ writes: lives.map((life) => putLife(life, service)) }));
          for (const life of lives) standing.set(keyOf(life), life);
        }
        const { rollout } = await store.gateState(service, '1');
        expect(rollout.lives.map(keyOf).sort()).toEqual(relevantOf([...standing.values()], '1'));
      }),
      { numRuns: 40 },
    );
  });

  it('are no more of them when a thousand releases are claimed to run', async () => {
    const claims = Array.from({ length: 1000 }, (_, i) =>
      putLife(
        aLife({ version: `claimed-${i}`, origin: 'ungated', claimed: true, liveAt: at(i), promisedAt: null }),
        'claims',
      ),
    );
    await store.append(aCommit({ writes: [putLife(aLife(), 'claims'), ...claims] }));
    const { rollout } = await store.gateState('claims', '1.0.0');
    expect(rollout.lives.map(({ version }) => version).sort()).toEqual(['1.0.0', 'claimed-998', 'claimed-999']);
  });
});
