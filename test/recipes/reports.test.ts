import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Mishap } from '../support/front.ts';
import { type RecipeGate, startRecipeGate } from '../support/recipe-gate.ts';
import { aScene, type Scene } from '../support/scene.ts';

/** Reports and the way back of `gate.sh`, with a real gate behind something that behaves like real networks do. */
let gate: RecipeGate;

beforeAll(async () => {
  gate = await startRecipeGate();
});
afterAll(() => gate.stop());

const isReport = ({ method }: { method: string }) => method === 'PUT';
/** 1.0 is proven in canary and 1.1-bad, which is live there, was found to be bad. */
async function aBadRelease({ run }: Scene) {
  expect(await run('walk canary', '1.0')).toMatchObject({ code: 0 });
  expect(await run('walk canary', '1.1-bad')).toMatchObject({ code: 20 });
}
const forget = ({ workspace }: Scene) => rmSync(join(workspace.folder, 'rollback'), { recursive: true });
const back = ({ workspace }: Scene) => workspace.deployments().slice(2);

describe.concurrent('A report', () => {
  it.for<Mishap & string>([
    'is busy',
    'has no back end',
    'hangs up',
    'is cut off',
    'answers 200 with a page',
    'redirects to a login page',
  ])(
    'is made again when something before the gate %s, and the deployment is made once',
    async (mishap, { onTestFinished }) => {
      const { service, front, workspace, run } = await aScene(gate, onTestFinished);
      let left = 2;
      front.mishap = (request) => (isReport(request) && left-- > 0 ? mishap : null);
      expect(await run('walk canary', '1.0')).toMatchObject({ code: 0 });
      expect(workspace.deployments()).toEqual([`${service}@1.0 to canary`]);
      expect((await gate.occupants(service))[0]).toBe(`${service}@1.0 proven`);
    },
  );

  it.for<Mishap>([
    'answers 200 with a page',
    'redirects to a login page',
    { says: '{"release":"other@1.0","ring":"canary","state":"deployed"}' },
    { says: '{"release":"told@1.0","ring":"early","state":"deployed"}' },
    { says: '{"release":"told@1.0","ring":"canary","state":"abandoned"}' },
  ])('is not believed to be taken on any answer but the gate’s own to it: %j', async (mishap, { onTestFinished }) => {
    const { service, front, run } = await aScene(gate, onTestFinished);
    const says = (text: string) => ({ says: text.replace('told@', `${service}@`) });
    front.mishap = (request) =>
      isReport(request) ? (typeof mishap === 'object' && 'says' in mishap ? says(mishap.says) : mishap) : null;
    const ended = await run('walk canary', '1.0', { GATE_REPORT_TIMEOUT: '1' });
    expect(ended.code).toBe(1);
    expect(ended.said).toMatch(/gave up on the report .* is deployed in canary after GATE_REPORT_TIMEOUT=1 seconds/);
  });

  it('is made once when the gate refuses it, with what the gate says', async ({ onTestFinished }) => {
    const { front, run } = await aScene(gate, onTestFinished);
    const before = front.seen.length;
    const ended = await run('report "$RELEASE" nowhere deployed', '1.0');
    expect(ended.code).toBe(1);
    expect(ended.said).toContain('has no ring');
    expect(front.seen.length - before).toBe(1);
  });
});

describe.concurrent('roll_back', () => {
  it('puts back by the answer that it was left, without asking', async ({ onTestFinished }) => {
    const scene = await aScene(gate, onTestFinished);
    const { service, front, run } = scene;
    await aBadRelease(scene);
    const before = front.seen.length;
    expect(await run('roll_back', '1.1-bad')).toMatchObject({ code: 0 });
    expect(back(scene)).toEqual([`${service}@1.0 to canary`]);
    expect(front.seen.slice(before).map(({ method }) => method)).toEqual(['PUT', 'PUT']);
    expect((await gate.occupants(service))[0]).toBe(`${service}@1.0 proven`);
  });

  it('is not green when the gate was not told', async ({ onTestFinished }) => {
    const scene = await aScene(gate, onTestFinished);
    const { front, run } = scene;
    await aBadRelease(scene);
    front.mishap = (request) => (isReport(request) ? 'answers 200 with a page' : null);
    const ended = await run('roll_back', '1.1-bad', { GATE_REPORT_TIMEOUT: '1' });
    expect(ended.code).toBe(1);
    expect(ended.said).toContain('gave up on the report');
  });

  it('asks the gate when its answer was lost, says so, and puts back what is live', async ({ onTestFinished }) => {
    const scene = await aScene(gate, onTestFinished);
    const { service, run } = scene;
    await aBadRelease(scene);
    forget(scene);
    const ended = await run('roll_back', '1.1-bad');
    expect(ended).toMatchObject({ code: 0, said: expect.stringContaining('asking the gate what is live') });
    expect(back(scene)).toEqual([`${service}@1.0 to canary`]);
    expect(await run('roll_back', '1.1-bad')).toMatchObject({ code: 0, said: expect.stringContaining('live nowhere') });
    expect(back(scene)).toHaveLength(1);
  });

  it.for<Mishap & string>(['hangs up', 'answers 200 with a page', 'redirects to a login page', 'has no back end'])(
    'fails when its answer was lost and it cannot ask, because something before the gate %s',
    async (mishap, { onTestFinished }) => {
      const scene = await aScene(gate, onTestFinished);
      const { front, run } = scene;
      await aBadRelease(scene);
      forget(scene);
      front.mishap = () => mishap;
      const ended = await run('roll_back', '1.1-bad', { GATE_REPORT_TIMEOUT: '1' });
      expect(ended.code).toBe(1);
      expect(ended.said).toContain('gave up on where');
      expect(back(scene)).toEqual([]);
    },
  );

  it('puts nothing back when the gate does not want it, and says why', async ({ onTestFinished }) => {
    const { service, workspace, run } = await aScene(gate, onTestFinished);
    await run('walk canary', '1.0');
    const ended = await run('roll_back; roll_back canary', '1.0');
    expect(ended.code).toBe(0);
    expect(ended.said.match(/does not want .* back, so nothing is put back: .*has proven itself/g)).toHaveLength(2);
    expect(workspace.deployments()).toEqual([`${service}@1.0 to canary`]);
  });

  it('never acts on the answer about an earlier run or another release', async ({ onTestFinished }) => {
    const scene = await aScene(gate, onTestFinished);
    const { run } = scene;
    await aBadRelease(scene);
    await run('roll_back', '1.0');
    expect(back(scene)).toEqual([]);
    await run('cp -r rollback kept; roll_back; cp -r kept/* rollback', '1.1-bad');
    expect(back(scene)).toHaveLength(1);
    expect(await run('walk canary || roll_back', '1.1-bad')).toMatchObject({ code: 0 });
    expect(back(scene)).toHaveLength(1);
  });

  it('puts the other rings back when the deployment to one fails, and fails', async ({ onTestFinished }) => {
    const { service, workspace, run } = await aScene(gate, onTestFinished);
    for (const ring of ['canary', 'early']) expect(await run(`walk ${ring}`, '1.0')).toMatchObject({ code: 0 });
    expect(await run('walk canary && walk early', '1.1-late')).toMatchObject({ code: 20 });
    workspace.deploysWith('#!/bin/sh\n[ "$2" = early ] && exit 3; echo "$1 to $2" >> deployments\n');
    const ended = await run('roll_back', '1.1-late');
    expect(ended.code).toBe(1);
    expect(ended.said).toContain(
      `the deployment of ${service}@1.0 to early failed: ${service}@1.1-late is still there`,
    );
    expect(workspace.deployments().slice(4)).toEqual([`${service}@1.0 to canary`]);
  });
});
