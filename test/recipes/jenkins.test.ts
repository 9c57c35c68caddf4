import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answersWith, type Front, type Mishap, type Seen, startFront } from '../support/front.ts';
import { type JenkinsRun, runJenkins } from '../support/jenkins.ts';
import { type RecipeGate, startRecipeGate } from '../support/recipe-gate.ts';

/**
 * The library for Jenkins with a real gate behind something that behaves like real networks do. What it does in each
 * situation of the gate itself stands in test/acceptance/dialects.test.ts.
 */
interface Given {
  readonly version?: string;
  readonly rings?: readonly string[];
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly mishap?: Front['mishap'];
}

const isQuestion = ({ path }: Seen) => path.startsWith('/gates/');
const isReport = ({ method }: Seen) => method === 'PUT';
const always =
  (kind: (request: Seen) => boolean, mishap: Mishap): Front['mishap'] =>
  (request) =>
    kind(request) ? mishap : null;
/** The first two of a kind; the others reach the gate. */
function twice(kind: (request: Seen) => boolean, mishap: Mishap): Front['mishap'] {
  let left = 2;
  return (request) => (kind(request) && left-- > 0 ? mishap : null);
}
const isExit = (request: Seen) => isQuestion(request) && request.path.includes('stage=exit');

const BREAKS = ['hangs up', 'is cut off'] as const;
const PAGES = [
  'answers 200 with a page',
  'redirects to a login page',
  'knows no such host',
  'has no back end',
] as const;
/** Answers that something made up which stands in for the gate, and says that every promise stands. */
const MADE_UP: Readonly<Record<string, readonly [verdict: string | string[], status: number]>> = {
  'promote with 423': ['promote', 423],
  'promote with 502': ['promote', 502],
  'promote and hold with 423': [['promote', 'hold'], 423],
  'promote and hold with 200': [['promote', 'hold'], 200],
  'promote twice with 200': [['promote', 'promote'], 200],
  'a longer word with 200': ['promoted-never', 200],
  'rollback with 200': ['rollback', 200],
  'rollback and hold with 409': [['rollback', 'hold'], 409],
};
/** What the answer to `exit` says to go back to: to the ring and release, or to nothing that could be gone back to. */
const NOWHERE: Readonly<Record<string, (service: string) => readonly [ring: string, release: string]>> = {
  'an option': () => ['canary', '--version'],
  'a path and a command': () => ['canary', '../../evil@1; id'],
  'a line break': (service) => ['canary', `${service}@0.9\nid`],
  'another service': () => ['canary', 'other@6.6.6'],
  'the release itself': (service) => ['canary', `${service}@1.1`],
  'a ring that is a path': (service) => ['../x', `${service}@0.9`],
};
const standsIn =
  (answer: Front['mishap']): Front['mishap'] =>
  (request) =>
    request.path.endsWith('/validity')
      ? { says: '{"stands":true,"checkedAt":"2026-11-28T13:00:00Z"}' }
      : answer(request);
const goesBack = (given: readonly [string, string]) => {
  const rollback = { rings: [given[0]], to: { [given[0]]: given[1] } };
  return answersWith('rollback', 409, { says: JSON.stringify({ summary: 'made up', rollback }) });
};
const of = (kinds: readonly (Mishap & string)[], name: (kind: string) => string, given: (kind: Mishap) => Given) =>
  Object.fromEntries(kinds.map((kind) => [name(kind), given(kind)]));

const GIVEN: Readonly<Record<string, Given>> = {
  'a #': { version: '1.0/canary#evil' },
  'a # in the ring': { settings: { ring: 'canary#evil' } },
  ...of(
    [...BREAKS, ...PAGES],
    (kind) => `exit ${kind}`,
    (kind) => ({ mishap: twice(isExit, kind) }),
  ),
  ...of(
    PAGES,
    (kind) => `always ${kind}`,
    (kind) => ({ mishap: always(isQuestion, kind) }),
  ),
  ...of(
    [...BREAKS, ...PAGES],
    (kind) => `report ${kind}`,
    (kind) => ({ mishap: twice(isReport, kind) }),
  ),
  ...of(
    PAGES,
    (kind) => `no report ${kind}`,
    (kind) => ({ mishap: always(isReport, kind) }),
  ),
  'a date': { mishap: twice(isQuestion, 'is busy until an instant') },
  aborted: { version: '1.1-aborted' },
  'timed out': { version: '1.1-timed-out' },
  'side by side': { version: '1.1-bad', rings: ['eu', 'us'] },
  recalled: {
    mishap: async ({ path }) => {
      if (path.endsWith('/validity')) await freeze(serviceOf('recalled'));
      return null;
    },
  },
  ...Object.fromEntries(
    Object.entries(MADE_UP).map(([name, [verdict, status]]) => [
      name,
      { mishap: standsIn(answersWith(verdict, status)) },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(NOWHERE).map(([name, given]) => [
      `back to ${name}`,
      { mishap: (request: Seen) => goesBack(given(serviceOf(`back to ${name}`)))(request) },
    ]),
  ),
  'back to nothing': { mishap: answersWith('rollback', 409) },
  artifact: { settings: { artifact: 'sha256:Zm9v+/==' } },
};
const names = Object.keys(GIVEN);
const serviceOf = (name: string) => `jenkins-${names.indexOf(name)}`;

let gate: RecipeGate;
let configurator: string;
const fronts: Front[] = [];
let runs: ReadonlyMap<string, JenkinsRun>;

beforeAll(async () => {
  gate = await startRecipeGate();
  const cases = [];
  for (const [name, { version = '1.1', rings, settings, mishap }] of Object.entries(GIVEN)) {
    const service = serviceOf(name);
    const front = await startFront(gate.url);
    fronts.push(front);
    await gate.service(
      service,
      (rings ?? ['canary', 'early']).map((ring) => ({ name: ring, ...(rings && { after: [] }) })),
    );
    for (const ring of rings ?? ['canary']) await proven(service, ring);
    if (mishap !== undefined) front.mishap = mishap;
    const usual = {
      gate: front.url,
      minutes: 1,
      reportMinutes: 1,
      wait: '0s',
      ring: 'canary',
      ...(rings && { rings }),
    };
    cases.push({ name, settings: { ...usual, release: `${service}@${version}`, ...settings } });
  }
  const token = async (role: string, by?: string) =>
    (await gate.call('POST', '/tokens', { name: role, role, expires: '1d' }, by)).token as string;
  const admin = await token('admin');
  const pipeline = await token('pipeline', admin);
  configurator = await token('configurator', admin);
  runs = await runJenkins(cases.map((each) => ({ ...each, token: pipeline })));
});
afterAll(async () => {
  for (const { stop } of fronts) stop();
  await gate.stop();
});

async function freeze(service: string) {
  const span = { start: '2020-01-01T00:00:00', end: '2100-01-01T00:00:00' };
  const scope = { services: [service], rings: ['*'] };
  const freeze = { title: 'Now', kind: 'freeze', timeZone: 'UTC', reason: 'Nobody is on call', scope };
  await gate.call('PUT', `/freezes/${service}`, { ...freeze, ...span }, configurator);
}

/** 1.0 is what can be gone back to. */
async function proven(service: string, ring: string) {
  await gate.call('GET', `/gates/${service}@1.0/${ring}`);
  await gate.call('PUT', `/releases/${service}@1.0/rings/${ring}`, { state: 'deployed' });
  await gate.call('GET', `/gates/${service}@1.0/${ring}?stage=exit`);
}

const run = (name: string): JenkinsRun => {
  const found = runs.get(name);
  if (found === undefined) throw new Error(`nothing was run for ${name}`);
  return found;
};
const seen = (name: string) => fronts[names.indexOf(name)]?.seen ?? [];
const deploys = (name: string, ...versions: readonly string[]) =>
  versions.map((version) => `${serviceOf(name)}@${version} canary`);
const reports = (name: string) =>
  seen(name)
    .filter(isReport)
    .map(({ body }) => JSON.parse(body));

describe('gateRing', () => {
  it.each(['a #', 'a # in the ring'])('asks and deploys nothing for %s', (name) => {
    expect(run(name).ended).toContain('so nothing is asked');
    expect({ ran: run(name).ran, seen: seen(name) }).toEqual({ ran: [], seen: [] });
  });

  it.each([...BREAKS, ...PAGES])('waits for the gate when something before it %s at exit', (kind) => {
    expect(run(`exit ${kind}`)).toMatchObject({ ended: 'done', ran: deploys(`exit ${kind}`, '1.1') });
    expect(run(`exit ${kind}`).said[0]).toContain('canary exit: the gate is away');
  });

  it.each(PAGES)('deploys nothing where something before the gate always %s, and names the limit', (kind) => {
    expect(run(`always ${kind}`).ended).toMatch(/^gave up on .* canary enter after 1 minutes: the gate is away/);
    expect(run(`always ${kind}`).ran).toEqual([]);
  });

  it.each([...BREAKS, ...PAGES])('makes a report again when something before the gate %s, and deploys once', (kind) => {
    expect(run(`report ${kind}`)).toMatchObject({ ended: 'done', ran: deploys(`report ${kind}`, '1.1') });
    expect(reports(`report ${kind}`)).toHaveLength(3);
  });

  it.each(PAGES)('does not believe that a report was taken where something before the gate always %s', (kind) => {
    expect(run(`no report ${kind}`).ended).toMatch(
      /^gave up on the report that .* is deployed in canary after 1 reportMinutes/,
    );
  });

  it.each(Object.keys(MADE_UP))('takes %s for no answer of the gate: it neither deploys nor goes back', (name) => {
    expect(run(name).ended).toMatch(/^gave up on .* canary enter after 1 minutes: the gate is away/);
    expect(run(name).ran).toEqual([]);
  });

  it.each(Object.keys(NOWHERE))('deploys and reports nothing when it is sent back to %s, and says so', (name) => {
    expect(run(`back to ${name}`).ended).toMatch(
      /was not taken back everywhere: '[^']*' is no (ring|other release of jenkins-\d+), so/,
    );
    expect({ ran: run(`back to ${name}`).ran, reports: reports(`back to ${name}`) }).toEqual({ ran: [], reports: [] });
  });

  it('fails without a deployment when the gate wants a release back and does not say from where', () => {
    expect(run('back to nothing').ended).toContain('does not say from where');
    expect(run('back to nothing').ran).toEqual([]);
  });

  it('waits for as long as Retry-After says, as a date too', () => {
    expect(run('a date')).toMatchObject({ ended: 'done', seconds: 4 });
  });

  it('deploys nothing when the promise was recalled before it could begin', () => {
    expect(run('recalled')).toMatchObject({
      ran: [],
      ended: expect.stringContaining('no longer stands, so nothing is deployed'),
    });
  });

  it('reports a deployment that somebody aborts, puts nothing back, and ends as aborted', () => {
    expect(run('aborted')).toMatchObject({ ended: 'Aborted by olga', ran: deploys('aborted', '1.1-aborted') });
    expect(reports('aborted')).toMatchObject([{ state: 'failed' }]);
  });

  it('goes back when a timeout of the deployment itself has passed', () => {
    expect(run('timed out')).toMatchObject({ ran: deploys('timed out', '1.1-timed-out', '1.0') });
    expect(run('timed out').ended).toContain('was taken back');
  });

  it('puts back each of two rings once when both turn bad side by side', () => {
    const service = serviceOf('side by side');
    const both = (version: string) => ['eu', 'us'].map((ring) => `${service}@${version} ${ring}`);
    expect([...run('side by side').ran].sort()).toEqual([...both('1.0'), ...both('1.1-bad')]);
  });

  it('says in the question and in the report which artifact it is, and in the report when it began', () => {
    expect(reports('artifact')).toEqual([
      { state: 'deployed', startedAt: expect.stringMatching(/^2\d{3}-.*Z$/), artifact: 'sha256:Zm9v+/==' },
    ]);
    const asked = seen('artifact')
      .filter(isQuestion)
      .map(({ path }) => new URLSearchParams(path.split('?')[1]).get('artifact'));
    expect(asked).toEqual(['sha256:Zm9v+/==', 'sha256:Zm9v+/==']);
  });
});
