import { describe, expect, it } from 'vitest';
import { sendRaw, testApp, withCheckout } from './http-context.ts';

/** Applications that these requests leave as they were. */
const shared = testApp();
const checkout = await withCheckout(testApp());
const service = { rings: [{ name: 'canary', bake: '15m' }] };
const errorsOf = (body: { errors?: readonly { pointer: string }[] }) => body.errors?.map(({ pointer }) => pointer);
const put = (path: string, body: object) => shared.request().put(path).send(body);

describe('a body', () => {
  it.each([
    ['an unknown field', { ...service, titel: 'x' }, ['/titel']],
    [
      'an unknown field deep inside',
      { rings: [{ name: 'canary', bake: '15m', approvers: 1 }] },
      ['/rings/0/approvers'],
    ],
    ['a missing field', { rings: [{ name: 'canary' }] }, ['/rings/0/bake']],
    ['a wrong type', { rings: [{ name: 'canary', bake: 15 }] }, ['/rings/0/bake']],
    ['a bad name', { rings: [{ name: 'Canary', bake: '15m' }] }, ['/rings/0/name']],
    ['a text for a boolean', { ...service, allowUnmeasured: 'true' }, ['/allowUnmeasured']],
    ['a control character', { ...service, title: 'a\u0007b' }, ['/title']],
    ['a NUL in a label', { ...service, labels: { team: 'a\u0000' } }, ['/labels/team']],
    ['half a surrogate', { ...service, labels: { team: '\ud800' } }, ['/labels/team']],
    ['a list for the whole', [service], ['']],
    ['null', null, ['']],
  ])('with %s is refused, naming it', async (_, body, pointers) => {
    const answer = await shared.request().put('/services/checkout').type('json').send(JSON.stringify(body));
    expect(answer.status).toBe(400);
    expect(errorsOf(answer.body)).toEqual(pointers);
  });

  it.each([
    ['half a document', '{"rings": ['],
    ['no JSON at all', 'rings: []'],
    ['__proto__ as a key', '{"rings":[],"__proto__":{"polluted":true}}'],
    ['__proto__ as a label', '{"rings":[{"name":"canary","bake":"15m"}],"labels":{"__proto__":"x"}}'],
    ['nesting without end', `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
    ['nothing', ''],
  ])('of %s is a 400 that does not repeat it', async (_, body) => {
    const answer = await testApp()
      .request()
      .put('/services/checkout')
      .type('json')
      .send(body as string);
    expect(answer.status).toBe(400);
    expect(answer.body.code).toBe('invalid-request');
    expect(JSON.stringify(answer.body).length).toBeLessThan(600);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it.each([
    ['a number beyond a double', '{"n":1e999}', '/context/n'],
    ['a NUL', '{"a":"\\u0000"}', '/context/a'],
    ['half a surrogate', '{"a":["\\ud800"]}', '/context/a/0'],
    ['an escape sequence in a name', '{"\\u001b[2J":1}', '/context'],
    ['__proto__ as a name', '{"a":{"__proto__":1}}', '/context/a/__proto__'],
  ])('that is recorded as it is may not hold %s', async (_, context, pointer) => {
    const answer = await checkout
      .request()
      .post('/gates/checkout@1/canary')
      .type('json')
      .send(`{"context":${context}}`);
    expect(answer.status).toBe(400);
    expect(errorsOf(answer.body)).toEqual([pointer]);
  });

  it('is told in plain words what is wrong with each field', async () => {
    const answer = await put('/services/checkout', { titel: 'x', deployments: 'guessed' });
    expect(answer.body.errors).toEqual([
      { pointer: '/rings', message: 'is missing' },
      { pointer: '/titel', message: expect.stringMatching(/^is not known; known are title, .*rings$/) },
      { pointer: '/deployments', message: 'must be one of assumed, reported' },
    ]);
  });

  it.each([
    ['/rules/errors', { burnRates: 'default' }, '/burnRates', /^has none of the forms .*`google-30d`/],
    ['', { rollbackWithin: '1 day' }, '/rollbackWithin', /^must be of this form: As Prometheus/],
    ['', { title: '' }, '/title', /^must have at least 1 character$/],
  ])('to /services/checkout%s is told which form a field may have', async (path, body, pointer, message) => {
    const answer = await put(`/services/checkout${path}`, body);
    expect(answer.body.errors).toContainEqual({ pointer, message: expect.stringMatching(message) });
  });

  it.each([
    ['application/x-www-form-urlencoded', 'stage=exit'],
    ['text/plain', '{}'],
    ['application/json; charset=utf-16', '{}'],
  ])('as %s is a 415', async (type, body) => {
    const answer = await shared.request().post('/gates/checkout@1/canary').set('Content-Type', type).send(body);
    expect(answer.status).toBe(415);
  });

  it('is taken as application/json in any spelling', async () => {
    const answer = await checkout
      .request()
      .post('/gates/checkout@1/canary')
      .set('Content-Type', 'Application/JSON ; charset=UTF-8')
      .send('{}');
    expect(answer.body.verdict).toBe('promote');
  });

  it.each([
    ['POST', '/gates/checkout@1/canary', 64 * 1024],
    ['PUT', '/releases/checkout@1/rings/canary', 64 * 1024],
    ['PUT', '/services/checkout', 1024 * 1024],
  ] as const)('of %s %s may have %i bytes and not one more', async (method, path, limit) => {
    const of = (size: number) => `{"x":"${'y'.repeat(size - 8)}"}`;
    const ask = (size: number) => {
      const sent = shared.request();
      return (method === 'POST' ? sent.post(path) : sent.put(path)).type('json').send(of(size));
    };
    expect((await ask(limit)).status).toBe(400);
    expect((await ask(limit + 1)).status).toBe(413);
  });

  it.each([
    ['both bad and good', { bad: 'a', good: 'b', total: 'c' }, 'exactly one of bad, good'],
    ['neither bad nor good', { total: 'c' }, 'exactly one of bad, good'],
  ])('of a ratio with %s says what is needed in one sentence', async (_, queries, message) => {
    const indicator = { kind: 'ratio', provider: 'main', ...queries };
    const answer = await put('/services/checkout/rules/errors', { indicator, limits: { hold: { above: 1 } } });
    expect(answer.body.errors).toEqual([{ pointer: '/indicator', message: `needs ${message}` }]);
  });

  it('of an unknown kind is told by its kind alone', async () => {
    const answer = await put('/providers/main', { kind: 'graphite', url: 'https://x.example' });
    expect(answer.body.errors).toHaveLength(1);
  });
});

describe('a body of bytes that are not UTF-8', () => {
  it('is refused, not repaired', async () => {
    const body = Buffer.from('{"actor":"\xff"}', 'latin1');
    expect(await sendRaw(checkout, 'POST', '/gates/checkout@1/canary', body)).toMatchObject({ status: 400 });
  });
});
