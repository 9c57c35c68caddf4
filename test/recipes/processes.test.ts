import { readdirSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Front, startFront } from '../support/front.ts';
import { until } from '../support/poll.ts';
import { processesIn, signalAllIn } from '../support/processes.ts';
import { type RecipeGate, startRecipeGate } from '../support/recipe-gate.ts';
import { aWorkspace, type Workspace } from '../support/workspace.ts';

/** What the shell recipe leaves for others to see, and what becomes of it when it is ended, or the gate is. */
const WALK = '. ./gate.sh; walk canary';
const TOKEN = 'rg_a-secret-that-nobody-may-see';

let gate: RecipeGate;
let front: Front;
let workspace: Workspace;

beforeAll(async () => {
  gate = await startRecipeGate();
  front = await startFront(gate.url);
  await gate.service('seen');
});
afterAll(async () => {
  front.stop();
  await gate.stop();
});
beforeEach(() => {
  workspace = aWorkspace(front.url);
});
afterEach(() => {
  signalAllIn(workspace.folder, 'SIGKILL');
  workspace.remove();
});

const curls = () => processesIn(workspace.folder).filter(({ commandLine }) => commandLine.startsWith('curl '));
const isTrue = (what: string, holds: () => boolean) => until(what, async () => (holds() ? true : null));

describe('While a question is open, the shell recipe', () => {
  it('shows the token on no command line, neither of a question nor of a report', async () => {
    const shown: string[] = [];
    const look = () => {
      shown.push(...processesIn(workspace.folder).map(({ commandLine }) => commandLine));
      return null;
    };
    let held = false;
    front.mishap = ({ path }) => {
      look();
      if (held || path.endsWith('/validity')) return null;
      held = true;
      return 'is busy';
    };
    const running = workspace.start(WALK, { RELEASE: 'seen@1.0', GATE_TOKEN: TOKEN });
    await isTrue('a pause between two questions', () => {
      look();
      return shown.some((each) => each.startsWith('sleep 1'));
    });
    await running.ended;
    expect(shown.some((each) => each.startsWith('curl '))).toBe(true);
    expect(shown.filter((each) => each.includes(TOKEN))).toEqual([]);
    expect((await running.ended).said).not.toContain(TOKEN);
  });

  it('shows the token in no trace of the shell', async () => {
    const ended = await workspace.run('. ./gate.sh; report seen@1.0 canary deployed', { GATE_TOKEN: TOKEN }, [
      'sh',
      '-xc',
    ]);
    expect(ended.said).toContain('gate_alone');
    expect(ended.said).not.toContain(TOKEN);
  });

  it.each(['SIGKILL', 'SIGTERM', 'SIGHUP'] as const)(
    'asks no longer than its shell lives, which %s ends',
    async (signal) => {
      front.mishap = () => 'is silent';
      const { child } = workspace.start(WALK, { RELEASE: 'seen@1.0' });
      await isTrue('an open question', () => curls().length === 1);
      child.kill(signal);
      await isTrue('the end of curl and of all shells', () => processesIn(workspace.folder).length === 0);
      expect(readdirSync(workspace.temporary)).toEqual([]);
    },
  );

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'ends with %s to the whole group, as agents send it, and leaves no files',
    async (signal) => {
      front.mishap = () => 'is silent';
      workspace.start(WALK, { RELEASE: 'seen@1.0' });
      await isTrue('an open question', () => curls().length === 1);
      signalAllIn(workspace.folder, signal);
      await isTrue('the end of curl and of all shells', () => processesIn(workspace.folder).length === 0);
      expect(readdirSync(workspace.temporary)).toEqual([]);
    },
  );
});

describe('When the gate is killed in the middle of a question', () => {
  it.each(['enter', 'exit'])('the pipeline waits for it to be back, at %s as well', async (stage) => {
    let asked = () => {};
    const open = new Promise<void>((resolve) => {
      asked = resolve;
    });
    let killed: Promise<void> | null = null;
    front.mishap = async ({ path }) => {
      if (path.includes(`stage=${stage}`) && killed === null) {
        // It is passed on while the gate dies.
        killed = gate.kill();
        asked();
      }
      return null;
    };
    const running = workspace.start(WALK, { RELEASE: `seen@2.0-${stage}` });
    await open;
    await killed;
    await gate.startAgain();
    expect(await running.ended).toMatchObject({ code: 0, said: expect.stringContaining('is away') });
    expect(workspace.deployments()).toHaveLength(1);
  });
});
