import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answersWith } from '../support/front.ts';
import { type RecipeGate, startRecipeGate } from '../support/recipe-gate.ts';
import { aScene } from '../support/scene.ts';

/** What `gate.sh` does when something that stands in for the gate makes up its answers, or its own surroundings are strange. */
let gate: RecipeGate;

beforeAll(async () => {
  gate = await startRecipeGate();
});
afterAll(() => gate.stop());

const NEVER_A_VERDICT: readonly (readonly [string, string | string[], number])[] = [
  ['promote with 423', 'promote', 423],
  ['promote with 502', 'promote', 502],
  ['promote with 204', 'promote', 204],
  ['promote and hold with 423', ['promote', 'hold'], 423],
  ['promote and hold with 200', ['promote', 'hold'], 200],
  ['promote twice with 200', ['promote', 'promote'], 200],
  ['a longer word with 423', 'promoted-never', 423],
  ['a longer word with 200', 'promote-not', 200],
  ['capitals with 200', 'PROMOTE', 200],
  ['hold with 200', 'hold', 200],
  ['rollback with 200', 'rollback', 200],
  ['rollback and hold with 409', ['rollback', 'hold'], 409],
  ['a longer word with 409', 'rollback-never', 409],
];

describe('walk', () => {
  it.concurrent.for(NEVER_A_VERDICT)(
    'takes %s for no answer of the gate: it neither deploys nor goes back',
    async ([_, verdict, status], { onTestFinished }) => {
      const { front, workspace, run } = await aScene(gate, onTestFinished);
      front.mishap = (request) => {
        if (request.path.endsWith('/validity')) return { says: '{"stands":true,"checkedAt":"2026-11-28T13:00:00Z"}' };
        return answersWith(verdict, status)(request);
      };
      const ended = await run('walk canary', '1.0', { GATE_TIMEOUT: '1' });
      expect(ended.code).toBe(1);
      expect(ended.said).toMatch(
        /gave up on \S+ canary enter .*: the gate is away \(\d+ without an answer of the gate\)/,
      );
      expect(workspace.deployments()).toEqual([]);
    },
  );

  it.concurrent('does not believe an answer that names two questions', async ({ onTestFinished }) => {
    const { service, front, workspace, run } = await aScene(gate, onTestFinished);
    const questions = ['enter', 'exit'].map((stage) => `${service}@1.0 canary ${stage}`);
    front.mishap = answersWith('promote', 200, { headers: { 'gate-question': questions } });
    expect(await run('walk canary', '1.0')).toMatchObject({ code: 1, said: expect.stringContaining('not believed') });
    expect(workspace.deployments()).toEqual([]);
  });

  it.concurrent.for(['-x', 'relative'])('leaves nothing in a TMPDIR that is named %s', async (name, context) => {
    const { workspace, run } = await aScene(gate, context.onTestFinished);
    const made = await workspace.run(`mkdir -- ${name}`);
    expect(await run('walk canary', '1.0', { TMPDIR: name })).toEqual({ code: made.code, said: '' });
    expect(readdirSync(join(workspace.folder, name))).toEqual([]);
  });
});

/** A rollback to what the text says, of JSON as it stands in an answer. */
const goesBack = (to: string) =>
  answersWith('rollback', 409, { says: `{"verdict":"rollback","rollback":{"rings":["canary"],"to":${to}}}` });

const NOWHERE: readonly (readonly [string, string, string])[] = [
  ['an option', '{"canary":"--version"}', 'is no release'],
  ['a path and a command', '{"canary":"../../evil@1; id"}', 'is no release'],
  ['a line break', '{"canary":"SERVICE@0.9\\nid"}', 'is no release'],
  ['two releases in one text', '{"canary":"SERVICE@0.9,early:SERVICE@0.8"}', 'is no release'],
  ['a text that ends the object', '{"canary":"SERVICE@0.9}"}', 'is no release'],
  ['a number', '{"canary":7}', 'is no release'],
  ['another service', '{"canary":"other@6.6.6"}', 'is no other release of'],
  ['a service that only begins alike', '{"canary":"SERVICE-two@1.0"}', 'is no other release of'],
  ['the release itself', '{"canary":"SERVICE@1.0"}', 'is no other release of'],
  ['a ring that is a path', '{"../x":"SERVICE@0.9"}', 'is no ring'],
  ['a ring that is an option', '{"-x":"SERVICE@0.9"}', 'is no ring'],
  ['a ring of nobody with a path', '{"../x":null}', 'is no ring'],
  ['no ring at all', '{}', 'does not say where'],
  ['an object of two lines', '{"canary":\n"SERVICE@0.9"}', 'does not say where'],
];

describe('roll_back', () => {
  it.concurrent.for(NOWHERE)(
    'deploys and reports nothing, says so and fails when it is sent back to %s',
    async ([_, to, said], { onTestFinished }) => {
      const { service, front, workspace, run } = await aScene(gate, onTestFinished);
      front.mishap = goesBack(to.replaceAll('SERVICE', service));
      const ended = await run('walk canary; echo "walked $?"; roll_back', '1.0');
      expect(ended).toMatchObject({ code: 1, said: expect.stringMatching(/^walked 20$/m) });
      expect(ended.said).toContain(said);
      expect(workspace.deployments()).toEqual([]);
      expect(front.seen.filter(({ method }) => method === 'PUT')).toEqual([]);
    },
  );

  it.concurrent('still puts back the ring that is named well beside one that is not', async ({ onTestFinished }) => {
    const { service, front, workspace, run } = await aScene(gate, onTestFinished);
    front.mishap = goesBack(`{"canary":"${service}@0.9","early":"--version","global":null}`);
    const ended = await run('walk canary || roll_back', '1.0');
    expect(ended).toMatchObject({ code: 1, said: expect.stringContaining("'--version' is no release") });
    expect(ended.said).toContain('nobody knows what ran in global before');
    expect(workspace.deployments()).toEqual([`${service}@0.9 to canary`]);
  });

  it.concurrent.for([
    ['["../x"]', 'is no ring'],
    ['[7]', 'gave up on where'],
  ] as const)('asks about no ring when the release is said to be live in %s', async ([live, said], context) => {
    const { service, front, run } = await aScene(gate, context.onTestFinished);
    front.mishap = ({ path }) =>
      path.startsWith('/releases/') ? { says: `{"release":"${service}@1.0","live":${live}}` } : null;
    const ended = await run('roll_back', '1.0', { GATE_REPORT_TIMEOUT: '1' });
    expect(ended).toMatchObject({ code: 1, said: expect.stringContaining(said) });
    expect(front.seen.filter(({ path }) => path.startsWith('/gates/'))).toEqual([]);
  });
});
