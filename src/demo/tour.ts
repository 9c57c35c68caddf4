import { setTimeout as sleep } from 'node:timers/promises';
import { BAD, GOOD, RINGS, RULE, SERVICE } from './documents.ts';
import { offerMore } from './offers.ts';
import { type Answer, ask, type Line, pick, put, type Shell } from './shell.ts';
import type { Source } from './source.ts';

/** The story of the demo: a good release to the end, a bad one into the pilot ring and back. */
export async function tour(shell: Shell, source: Source, stopped: AbortSignal): Promise<void> {
  const guide: Guide = { shell, source, stopped };
  await configure(guide);
  for (const ring of RINGS) await proves(guide, ring);
  const decision = await failsInPilot(guide);
  await putsBack(guide);
  offerMore(shell, { good: GOOD, bad: BAD, decision });
}

interface Guide {
  readonly shell: Shell;
  readonly source: Source;
  readonly stopped: AbortSignal;
}

const MOST_ASKED = 60;
const BETWEEN_MS = 1000;
const good = `checkout@${GOOD}`;
const bad = `checkout@${BAD}`;
const LIFE = '"phase":"[a-z]*"';

async function configure(guide: Guide): Promise<void> {
  const { shell, source } = guide;
  shell.say(...source.about);
  shell.say('Where metrics come from:');
  await step(guide, put('/providers/main', source.provider));
  shell.say('How the fleet is divided: three rings, each with its share and its bake time.');
  await step(guide, put('/services/checkout', SERVICE));
  shell.say('What a good release is: fewer than 1 % of its requests fail; above 5 % it has to go back.');
  await step(guide, put('/services/checkout/rules/errors', RULE));
}

/** The four steps of a pipeline in one ring. */
async function proves(guide: Guide, ring: string): Promise<void> {
  await enters(guide, good, GOOD, ring);
  guide.shell.say(`Has it proven itself in ${ring}?`);
  await settles(guide, ask(`/gates/${good}/${ring}?stage=exit`), 'promote');
}

async function enters(guide: Guide, release: string, version: string, ring: string): Promise<void> {
  const { shell, source } = guide;
  shell.say(`May ${release} go into ${ring}?`);
  await step(guide, ask(`/gates/${release}/${ring}`), 'promote');
  shell.say(source.deploying);
  const more = source.deploy(ring, version);
  await reports(guide, release, ring, 'deployed');
  if (more.length > 0) shell.say('From here on the recorded answers say that its requests fail:');
  for (const line of more) await step(guide, line);
}

/** Gives the id of the decision that rolled the release back. */
async function failsInPilot(guide: Guide): Promise<string> {
  const { shell } = guide;
  await enters(guide, bad, BAD, 'pilot');
  shell.say('Three in ten of its requests fail. Has it proven itself?');
  const answer = await settles(guide, ask(`/gates/${bad}/pilot?stage=exit`), 'rollback');
  shell.say('Back to what, and where? (Told again: a rollback stands until somebody clears it.)');
  const where = pick(`/gates/${bad}/pilot?stage=exit`, '"rollback":{"rings":.[^{]*{[^}]*}}');
  const told = await step(guide, where, 'rollback');
  if (!told.body.includes(`"to":{"pilot":"${good}"}`)) throw new TourError(where, told);
  return answer.decision ?? '';
}

async function putsBack(guide: Guide): Promise<void> {
  const { shell, source } = guide;
  shell.say(`${good} is deployed there again. Going back never asks the gate; both are reported.`);
  for (const line of source.deploy('pilot', GOOD)) await step(guide, line);
  await reports(guide, bad, 'pilot', 'rolled-back');
  await reports(guide, good, 'pilot', 'deployed');
  shell.say('It was proven there, so it does not bake again. And the bad one does not come back by itself:');
  await step(guide, ask(`/gates/${bad}/pilot`), 'hold');
}

async function reports(guide: Guide, release: string, ring: string, state: string): Promise<void> {
  const line: Line = { ...put(`/releases/${release}/rings/${ring}`, { state }), show: { pick: LIFE } };
  await step(guide, line);
}

/** Asks and tells; for a question that has only one right answer. */
async function step({ shell }: Guide, line: Line, wanted: string | null = null): Promise<Answer> {
  const answer = shell.tell(line, await shell.send(line));
  if (wanted === null ? answer.status >= 300 : answer.verdict !== wanted) throw new TourError(line, answer);
  return answer;
}

/** Asks until the gate no longer holds. Tells the first answer, and the last. */
async function settles({ shell, source, stopped }: Guide, line: Line, wanted: string): Promise<Answer> {
  let answer = await shell.send(line);
  let asked = 0;
  if (answer.verdict === 'hold') {
    shell.tell(line, answer);
    shell.say(`Asking again each second, at most ${MOST_ASKED} times: ${source.awaits}`);
    while (answer.verdict === 'hold' && answer.status !== 423 && asked < MOST_ASKED) {
      await sleep(BETWEEN_MS, undefined, { signal: stopped });
      answer = await shell.send(line);
      asked += 1;
    }
    shell.say(`After ${asked} ${asked === 1 ? 'time' : 'times'}:`);
  }
  shell.tell(line, answer);
  if (answer.verdict !== wanted) throw new TourError(line, answer);
  return answer;
}

/** The gate said something that the story does not know. */
class TourError extends Error {
  constructor({ method, path }: Line, { status, body }: Answer) {
    super(`The demo did not expect this answer to ${method} ${path}: ${status} ${body}`);
    this.name = 'TourError';
  }
}
