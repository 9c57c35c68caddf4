import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RecipeGate, startRecipeGate } from '../support/recipe-gate.ts';
import { aWorkspace, type Workspace } from '../support/workspace.ts';

/** Rings that do not follow one another, walked at the same time from one folder. */
const PAIRS = 20;
const EU_AND_US = [
  { name: 'eu', after: [] },
  { name: 'us', after: [] },
];

let gate: RecipeGate;
let workspace: Workspace;

beforeAll(async () => {
  gate = await startRecipeGate();
});
afterAll(() => gate.stop());
beforeEach(() => {
  workspace = aWorkspace(gate.url);
  return () => workspace.remove();
});

describe('Twenty pairs of rings in one folder', () => {
  it('are deployed where the gate promoted, and never where it is frozen and nobody has approved', async () => {
    const services = Array.from({ length: PAIRS }, (_, i) => `pair-${i}`);
    const [closed = '', ...open] = services;
    for (const name of open) await gate.service(name, EU_AND_US);
    await gate.service(closed, [
      { name: 'eu', after: [], approvals: 1 },
      { name: 'us', after: [] },
    ]);
    await gate.call('PUT', '/freezes/closed', {
      ...{ title: 'Closed', kind: 'freeze', timeZone: 'UTC', reason: 'Nobody is on call in Europe' },
      ...{ scope: { services: [closed], rings: ['eu'] }, start: '2020-01-01T00:00:00', end: '2100-01-01T00:00:00' },
    });
    const walks = services.flatMap((name) =>
      ['eu', 'us'].map(async (ring) => {
        const ended = await workspace.run(`. ./gate.sh; walk ${ring}`, { RELEASE: `${name}@1.0` });
        return `${name} ${ring} ${ended.code}`;
      }),
    );
    const expected = services.flatMap((name) => [`${name} eu ${name === closed ? 1 : 0}`, `${name} us 0`]);
    expect(await Promise.all(walks)).toEqual(expected);
    const deployed = expected.filter((line) => line.endsWith(' 0')).map((line) => line.split(' '));
    expect([...workspace.deployments()].sort()).toEqual(
      deployed.map(([name, ring]) => `${name}@1.0 to ${ring}`).sort(),
    );
    expect(await gate.occupants(closed)).toEqual(['null null', `${closed}@1.0 proven`]);
  });
});

describe('Two rings that turn bad side by side', () => {
  const walkBoth = (version: string, then: string) =>
    workspace.run(
      `. ./gate.sh
      for ring in eu us; do { walk $ring || { roll_back $ring; echo "$ring $?"; }; } & done
      wait
      ${then}`,
      { RELEASE: `both@${version}` },
    );

  it('are put back once each, by whoever walked them', async () => {
    await gate.service('both', EU_AND_US);
    await walkBoth('1.0', '');
    const ended = await walkBoth('1.1-bad', 'roll_back; echo "rest $?"');
    expect(ended.said.match(/^(eu|us|rest) \d+$/gm)?.sort()).toEqual(['eu 0', 'rest 0', 'us 0']);
    expect(ended.said).toContain('both@1.1-bad is live nowhere, so nothing is put back');
    expect([...workspace.deployments()].slice(2).sort()).toEqual([
      ...['both@1.0 to eu', 'both@1.0 to us'],
      ...['both@1.1-bad to eu', 'both@1.1-bad to us'],
    ]);
    expect(await gate.occupants('both')).toEqual(['both@1.0 proven', 'both@1.0 proven']);
  });
});
