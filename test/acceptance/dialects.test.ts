import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { argoRollouts } from '../support/clients/argo-rollouts.ts';
import { askAs } from '../support/clients/ask-as.ts';
import { azurePipelines } from '../support/clients/azure-pipelines.ts';
import type { Dialect, Heard, Reaction } from '../support/clients/dialect.ts';
import { flaggerBefore, flaggerDuring } from '../support/clients/flagger.ts';
import { jenkinsHttpRequest } from '../support/clients/jenkins-http-request.ts';
import { kargo } from '../support/clients/kargo.ts';
import { spinnaker } from '../support/clients/spinnaker.ts';
import { dialectSituations, type Situation, type Situations } from '../support/dialect-situations.ts';
import { type Changes, TRAPS } from '../support/dialect-traps.ts';
import { openEngine, type TestEngine } from '../support/engines.ts';
import { type Gate, startGate } from '../support/gate.ts';
import { type JenkinsRun, runJenkins } from '../support/jenkins.ts';
import { busyFor, jenkinsBuilds, jenkinsStep, RINGS } from '../support/jenkins-cases.ts';
import { recipeFile } from '../support/readme.ts';

/**
 * Each client with our recipe for it, in every situation: its real request goes to a real gate, and what came back is
 * judged by the client's own rules, restated with their source in test/support/clients. No client may go on where the
 * gate did not promote, and none may take a release back where the gate did not say rollback.
 */
type Client = (recipe: string) => Dialect;

/** What each client does within an hour of it. */
const TABLE = `
                     | Flagger before | Flagger during | Argo  | Azure | Spinnaker | Kargo | Jenkins | gateRing
promote              | on             | on             | on    | on    | on        | on    | on      | on
promote, only advised| on             | on             | on    | on    | on        | on    | on      | on
hold by time         | waits          | waits          | waits | stops | waits     | waits | stops   | waits
hold by data         | waits          | waits          | waits | stops | waits     | waits | stops   | waits
hold by person       | waits          | waits          | waits | stops | waits     | waits | stops   | stops
hold for ever        | waits          | waits          | waits | stops | waits     | waits | stops   | stops
rollback             | waits          | back           | back  | stops | stops     | stops | stops   | back
gate overloaded      | waits          | waits          | waits | stops | waits     | waits | stops   | waits
gate gone            | waits          | waits          | waits | stops | stops     | waits | stops   | waits
gate silent          | waits          | waits          | waits | stops | waits     | waits | stops   | waits
token expired        | waits          | waits          | waits | stops | stops     | waits | stops   | stops
service unknown      | waits          | waits          | waits | stops | stops     | waits | stops   | stops`;

const CLIENTS: Readonly<Record<string, readonly [Client, file: string]>> = {
  'Flagger before': [flaggerBefore, 'flagger.yaml'],
  'Flagger during': [flaggerDuring, 'flagger.yaml'],
  Argo: [argoRollouts, 'argo-rollouts.yaml'],
  Azure: [azurePipelines, 'azure-pipelines.yml'],
  Spinnaker: [spinnaker, 'spinnaker.json'],
  Kargo: [kargo, 'kargo.yaml'],
  Jenkins: [jenkinsHttpRequest, 'jenkins/http-request.groovy'],
};

const [[, ...columns] = [], ...rows] = TABLE.trimStart()
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()));
const SITUATIONS = rows.map(([name = '']) => name);
const MATRIX = columns.map((name, i) => ({ name, expected: rows.map((row) => row[i + 1]) }));
const dialectOf = (name: string, edit: (text: string) => string = (text) => text): Dialect => {
  const [client, file] = CLIENTS[name] ?? [];
  if (client === undefined || file === undefined) throw new Error(`there is no client ${name}`);
  return client(edit(recipeFile(file)));
};

let engine: TestEngine;
let gate: Gate;
let situations: Situations;

beforeAll(async () => {
  engine = await openEngine('embedded');
  gate = await startGate(engine);
  situations = await dialectSituations(gate);
});
afterAll(async () => {
  await situations.stop();
  await gate.stop();
  await engine.destroy();
});

const of = (name: string): Situation => {
  const found = situations.all[name];
  if (found === undefined) throw new Error(`there is no situation ${name}`);
  return found;
};

async function reaction({ asks, reacts }: Dialect, situation: Situation): Promise<Reaction> {
  const putBack = situation.begin?.();
  try {
    const heard: Record<string, Heard> = {};
    for (const [name, request] of Object.entries(asks)) heard[name] = await askAs(request, situation);
    return reacts(heard);
  } finally {
    putBack?.();
  }
}

/** What nobody has told the client to do. */
function isMisled(does: Reaction | undefined, { told }: Situation): boolean {
  return (does === 'on') !== (told === 'promote') || (does === 'back' && told !== 'rollback');
}

describe('The situations', () => {
  it('are what they are called', async () => {
    for (const name of SITUATIONS) {
      const { told, clears, ...situation } = of(name);
      const plain = {
        method: 'GET',
        url: 'https://gate.example/',
        headers: { Authorization: 'Bearer ' },
        timeoutMs: 9000,
      } as const;
      const putBack = situation.begin?.();
      const heard = await askAs(plain, { told, ...situation });
      putBack?.();
      const verdict = 'failed' in heard ? null : heard.headers.get('gate-verdict');
      expect([name, verdict]).toEqual([name, told]);
      if (clears !== undefined && !('failed' in heard)) expect(heard.body).toContain(`"clears":"${clears}"`);
    }
  });
});

const [DIALECTS, [GATE_RING]] = [MATRIX.slice(0, -1), MATRIX.slice(-1)];

describe('The dialect of', () => {
  it.each(DIALECTS)(
    '$name does in every situation what the table says, and is never misled',
    async ({ name, expected }) => {
      const does: Reaction[] = [];
      for (const each of SITUATIONS) does.push(await reaction(dialectOf(name), of(each)));
      expect(tableOf(does)).toEqual(tableOf(expected));
      expect(SITUATIONS.filter((each, i) => isMisled(does[i], of(each)))).toEqual([]);
    },
  );

  it.each(DIALECTS)('$name is answered before it gives up', ({ name }) => {
    for (const { url, timeoutMs } of Object.values(dialectOf(name).asks)) {
      const seconds = (field: string, usual: string) =>
        Number.parseInt(new URL(url).searchParams.get(field) ?? usual, 10);
      expect(seconds('wait', '0s') + seconds('deadline', '6s')).toBeLessThanOrEqual(timeoutMs / 1000 - 2);
    }
  });
});

describe('A recipe that walks into a trap is caught:', () => {
  it.each(TRAPS)('$what', async ({ client, changes, situation, does }) => {
    const wrongly = await reaction(dialectOf(client, changed(changes)), of(situation));
    expect(wrongly).toBe(does);
    expect(isMisled(wrongly, of(situation))).toBe(true);
  });
});

describe('A check of Flagger in place of its rollback hook', () => {
  it('never goes on by mistake, but takes a release back when the gate is silent: no recipe has it', async () => {
    const asCheck: Changes = [
      ['type: rollback', 'type: rollout'],
      ['view=flagger-rollback', 'view=flagger-check'],
      ['type: pre-rollout', 'type: event'],
      ['threshold: 720', 'threshold: 1'],
    ];
    const dialect = dialectOf('Flagger during', changed(asCheck));
    const does: Reaction[] = [];
    for (const name of SITUATIONS) does.push(await reaction(dialect, of(name)));
    const backWhen = SITUATIONS.filter((_, i) => does[i] === 'back');
    expect(backWhen).toEqual(['rollback', 'gate gone', 'gate silent', 'token expired', 'service unknown']);
    expect(SITUATIONS.filter((_, i) => does[i] === 'on')).toEqual(['promote', 'promote, only advised']);
  });
});

/**
 * The shared library for Jenkins, as it stands, with Debian's Groovy, which is of the line that Jenkins has: the step alone in
 * every situation, and the Jenkinsfile from its first stage to its last.
 */
describe('With the library for Jenkins', () => {
  let runs: ReadonlyMap<string, JenkinsRun>;

  beforeAll(async () => {
    const busy = [await busyFor(Number.POSITIVE_INFINITY, gate.url), await busyFor(2, gate.url)] as const;
    const steps = SITUATIONS.map((name) => {
      const { url } = name === 'gate overloaded' ? busy[0] : of(name);
      return jenkinsStep(name, { ...of(name), url });
    });
    const soon = jenkinsStep('busy at first', { ...of('promote'), url: busy[1].url });
    const noVerdict = ["if (!(verdict in ['promote', 'rollback']))", 'if (false)'] as const;
    const noPromise = ['if (!validity.stands)', 'if (false)'] as const;
    const careless = { ...jenkinsStep('careless', of('hold by person')), edits: [noVerdict, noPromise] };
    runs = await runJenkins([...steps, soon, careless, ...(await jenkinsBuilds(gate))]);
    for (const { stop } of busy) stop();
  });

  const run = (name: string): JenkinsRun => {
    const found = runs.get(name);
    if (found === undefined) throw new Error(`nothing was run for ${name}`);
    return found;
  };
  /** By what it has deployed, and by how it ended where it has not. */
  const reactionOf = ({ ended, ran }: JenkinsRun): Reaction => {
    if (ran.some((each) => each.endsWith('1.4.1 canary'))) return 'back';
    if (ran.length > 0) return 'on';
    return ended.startsWith('gave up') ? 'waits' : 'stops';
  };
  const deploys = (version: string, ...rings: readonly string[]) =>
    rings.map((ring) => `./deploy.sh checkout@${version} ${ring}`);

  it('gateRing does in every situation what the table says, and is never misled', () => {
    const does = SITUATIONS.map((name) => reactionOf(run(name)));
    expect(tableOf(does)).toEqual(tableOf(GATE_RING?.expected ?? []));
    expect(SITUATIONS.filter((name, i) => isMisled(does[i], of(name)))).toEqual([]);
  });

  it('gateRing says why it stops, and goes on when a busy gate has time again', () => {
    expect(run('hold by person').ended).toMatch(/^the gate did not promote: 423 .*Somebody has to look/);
    expect(run('token expired').ended).toContain('the gate did not promote: 401');
    expect(run('1.1-bad').ended).toMatch(/^checkout@1\.1-bad was taken back: errors: 360 of 1200/);
    expect(run('busy at first').said.slice(0, 2)).toEqual(
      Array(2).fill(expect.stringContaining('the gate is away (503')),
    );
    expect(reactionOf(run('busy at first'))).toBe('on');
  });

  it('a step that does not look at the verdict is caught', () => {
    expect(isMisled(reactionOf(run('careless')), of('hold by person'))).toBe(true);
  });

  it('the Jenkinsfile takes a good release through every ring, the last one included', () => {
    expect(run('1.0')).toMatchObject({ ended: 'done', stages: RINGS, ran: deploys('1.0', ...RINGS) });
  });

  it.each([
    ['does harm', '1.1-bad', 'canary'],
    ['turns bad in its second ring', '1.2-late', 'early'],
    ['cannot be deployed', '1.3-broken', 'canary'],
  ])('the Jenkinsfile puts the old one back without asking when the new one %s', (_, version, last) => {
    const { ended, ran, stages } = run(version);
    const reached = RINGS.slice(0, RINGS.indexOf(last) + 1);
    expect(ended).toContain(`checkout@${version} was taken back`);
    expect({ ran, stages }).toEqual({
      // Its own ring first; the others once the gate still wants that.
      ran: [...deploys(version, ...reached), ...deploys('1.0', last, ...reached.slice(0, -1))],
      stages: reached,
    });
  });

  it('the Jenkinsfile deploys nothing where the gate wants somebody', () => {
    const { ended, ran } = run('1.1-bad again');
    expect(ended).toMatch(/^the gate did not promote: 423 .*rolled-back-earlier/);
    expect(ran).toEqual([]);
  });

  it('the Jenkinsfile leaves every ring with what was proven there, and tells the gate its build', async () => {
    const { body } = await gate.call('GET', '/services/checkout/rollout', { as: 'auditor' });
    expect(body.rings).toMatchObject(RINGS.map((ring) => ({ ring, occupant: 'checkout@1.0', phase: 'proven' })));
    const { body: asked } = await gate.call('GET', '/decisions?release=checkout@1.0&limit=1', { as: 'auditor' });
    expect(asked.items[0].build).toBe('https://ci.example/job/checkout/7/');
  });
});

function changed(changes: Changes): (text: string) => string {
  return (text) =>
    changes.reduce((before, [from, to]) => {
      expect(before).toMatch(from);
      return before.replace(from, to);
    }, text);
}

/** One line for each situation, so that a difference can be read. */
function tableOf(does: readonly (string | undefined)[]): readonly string[] {
  return SITUATIONS.map((name, i) => `${name}: ${does[i]}`);
}
