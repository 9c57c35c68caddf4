import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestApp, testApp, tokenOf, withCheckout } from './http-context.ts';

/** What Flagger sends: pkg/controller/webhook.go of fluxcd/flagger, CanaryWebhookPayload. */
const sent = (metadata?: Record<string, string>) => ({
  name: 'checkout',
  namespace: 'shop',
  phase: 'Progressing',
  checksum: '6d4b8f5c7',
  ...(metadata === undefined ? {} : { metadata }),
});
let test: TestApp;
let token: string;

beforeAll(async () => {
  test = await withCheckout(testApp());
  token = (await tokenOf(test, 'pipeline')).Authorization.replace('Bearer ', '');
});
beforeEach(() => {
  test.ports.store.fault = 'none';
});

const post = (body: object, query = 'view=flagger-confirm') =>
  test.request().post(`/gates/checkout@1/canary?${query}`).send(body);
const own = (asked: ReturnType<typeof post>) => asked.set('Authorization', `Bearer ${token}`);

describe('a webhook of Flagger', () => {
  it('brings its token in metadata, and its body is recorded without it', async () => {
    const answer = await post(sent({ token, cluster: 'eu-1' }));
    expect([answer.status, answer.headers['gate-verdict']]).toEqual([200, 'promote']);
    expect(answer.body.caller.kind).toBe('token');
    expect(test.ports.store.bodies().at(-1)).toMatchObject({
      context: { flagger: { ...sent({ cluster: 'eu-1' }) } },
    });
    expect(JSON.stringify([test.ports.store.bodies(), test.lines, answer.text])).not.toContain(token);
  });

  it('asks what stands in its address', async () => {
    const answer = await post(sent({ token }), 'view=flagger-confirm&stage=exit&dryRun=true');
    expect(answer.status).toBe(409);
    expect(answer.body).toMatchObject({ stage: 'exit', dryRun: true, verdict: 'hold' });
  });

  it.each([
    ['no token', undefined],
    ['another token', { token: 'rg_pipeline_0000000000000000000000000000000000' }],
    ['an empty token', { token: '' }],
  ])('with %s is a 401', async (_, metadata) => {
    const answer = await post(sent(metadata));
    expect([answer.status, answer.headers['gate-verdict']]).toEqual([401, undefined]);
  });

  it('is judged by its header where it has one', async () => {
    const answer = await post(sent({ token })).set('Authorization', 'Bearer nothing');
    expect(answer.status).toBe(401);
  });

  it('is refused with any other view, naming what would be misread', async () => {
    const answer = await own(post(sent({ cluster: 'eu-1' }), 'view=document'));
    expect(answer.status).toBe(400);
    const pointers = answer.body.errors.map(({ pointer }: { pointer: string }) => pointer);
    expect(pointers).toEqual(['/name', '/namespace', '/phase', '/checksum', '/metadata']);
  });

  it('brings no token where the view is not for Flagger', async () => {
    const answer = await post({ metadata: { token: token } }, 'view=document');
    expect(answer.status).toBe(401);
  });

  it.each([
    ['flagger-confirm', 503],
    ['flagger-check', 200],
    ['flagger-rollback', 503],
  ])('with the view %s hears %i while the store is away', async (view, status) => {
    test.ports.store.fault = 'down';
    const answer = await post(sent({ token }), `view=${view}`);
    expect([answer.status, answer.headers['gate-verdict']]).toEqual([status, 'hold']);
  });
});

describe('a report of Flagger', () => {
  const reported = (phase: string, more: object = {}, query = 'view=flagger-report') =>
    test
      .request()
      .post(`/gates/checkout@7/canary?${query}`)
      .send({ ...sent({ token }), phase, ...more });
  const reports = () => test.ports.store.bodies().filter(({ kind }) => kind === 'report');

  it.each([
    ['Succeeded', 'deployed'],
    ['Failed', 'rolled-back'],
  ])('in the phase %s says that the release is %s', async (phase, state) => {
    const answer = await reported(phase);
    expect([answer.status, answer.headers['gate-verdict']]).toEqual([200, undefined]);
    expect(answer.body).toMatchObject({ recorded: true, report: { release: 'checkout@7', ring: 'canary', state } });
    expect(reports().at(-1)).toMatchObject({ release: 'checkout@7', state, reason: null });
  });

  it.each(['Progressing', 'WaitingPromotion', 'Finalising'])('in the phase %s says nothing yet', async (phase) => {
    const before = reports().length;
    const answer = await reported(phase);
    expect([answer.status, answer.body]).toEqual([200, { recorded: false, report: null }]);
    expect(reports()).toHaveLength(before);
  });

  it('is a 503 without a verdict while it cannot be recorded', async () => {
    test.ports.store.fault = 'down';
    const answer = await reported('Succeeded');
    expect([answer.status, answer.headers['gate-verdict'], answer.headers['retry-after']]).toEqual([
      503,
      undefined,
      '5',
    ]);
    expect(answer.body.code).toBe('unavailable');
  });

  it('takes the right to deploy', async () => {
    const answer = await reported('Succeeded').set(await tokenOf(test, 'operator'));
    expect(answer.status).toBe(403);
  });

  it.each([
    ['without a phase', { phase: undefined }, '', '/phase'],
    ['with what goes with a question', {}, '&stage=exit', '/query/stage'],
    ['as a dry run', {}, '&dryRun=true', '/query/dryRun'],
  ])('is refused %s', async (_, more, query, pointer) => {
    const answer = await reported('Succeeded', more, `view=flagger-report${query}`);
    expect([answer.status, answer.body.errors]).toMatchObject([400, [{ pointer }]]);
  });

  it('is nothing that a GET can make', async () => {
    const answer = await test
      .request()
      .get('/gates/checkout@7/canary?view=flagger-report')
      .set(await tokenOf(test, 'pipeline'));
    expect(answer.status).toBe(400);
  });
});

describe('a webhook of Flagger that asks for exit', () => {
  const exit = (phase: string, query = '') =>
    own(test.request().post(`/gates/checkout@claimed-${phase}/canary?stage=exit&view=flagger-rollback${query}`)).send({
      ...sent(),
      phase,
    });
  const livesOf = (phase: string) => test.ports.store.lives('checkout', `claimed-${phase}`);

  it.each(['Progressing', 'WaitingPromotion', 'Promoting'])(
    'in the phase %s says that the release runs',
    async (phase) => {
      await exit(phase);
      expect(await livesOf(phase)).toMatchObject([{ ring: 'canary', phase: 'live', claimed: true }]);
    },
  );

  it.each(['Initialized', 'Waiting', 'Succeeded', 'Failed'])('in the phase %s does not', async (phase) => {
    await exit(phase);
    expect(await livesOf(phase)).toEqual([]);
  });

  it('does not where its address says that nothing runs', async () => {
    const answer = await own(
      test.request().post('/gates/checkout@quiet/canary?stage=exit&view=flagger-rollback&running=false'),
    ).send(sent());
    expect([answer.status, answer.body.live]).toEqual([409, []]);
  });
});

describe('a question that says that the release runs', () => {
  const ask = (query: string) =>
    own(test.request().get(`/gates/checkout@run/canary?${query}`) as ReturnType<typeof post>);

  it('is about exit only', async () => {
    const answer = await ask('running=true');
    expect(answer.body.errors).toEqual([{ pointer: '/query/running', message: 'goes with the stage exit only' }]);
  });

  it('stands in the record of the decision', async () => {
    await ask('stage=exit&running=true');
    expect(test.ports.store.bodies().at(-1)).toMatchObject({ facts: { question: { running: true } } });
  });
});

describe('a question in an address and a body', () => {
  it('takes each field from where it stands', async () => {
    const answer = await own(post({ actor: 'ada', view: 'document' }, 'stage=exit'));
    expect(answer.body).toMatchObject({ stage: 'exit', actor: 'ada', verdict: 'hold' });
  });

  it('refuses a field that stands in both', async () => {
    const answer = await own(post({ stage: 'exit', wait: '26s' }, 'stage=enter'));
    expect(answer.body.errors).toEqual([{ pointer: '/query/stage', message: 'stands in the body too' }]);
  });

  it.each([
    ['deadline=1h', {}, '/query/deadline'],
    ['stage=exit', { deadline: '1h' }, '/deadline'],
    ['wait=26s', {}, '/query/wait'],
  ])('names what is wrong in %s with %j where it stands', async (query, body, pointer) => {
    expect((await own(post(body, query))).body.errors).toMatchObject([{ pointer }]);
  });
});
