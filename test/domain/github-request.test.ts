import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callbackPath, GITHUB_API, readGithubQuestion } from '../../src/domain/github-request.ts';

const SHA = '6dcb09b5b57875f334f61aebed695e2e4193db5e';
const aPayload = (more: object = {}) => ({
  action: 'requested',
  environment: 'production',
  deployment_callback_url: `${GITHUB_API}/repos/octo/checkout/actions/runs/812/deployment_protection_rule`,
  deployment: { ref: '1.4.2', sha: SHA },
  repository: { full_name: 'octo/checkout', html_url: 'https://github.com/octo/checkout' },
  installation: { id: 99 },
  sender: { login: 'dependabot[bot]' },
  ...more,
});
const pointersOf = (payload: unknown, api = GITHUB_API) => {
  const read = readGithubQuestion(payload, api);
  return read.kind === 'wrong' ? read.errors.map(({ pointer }) => pointer) : [];
};

describe('the payload of a deployment protection rule', () => {
  it('says which run wants to deploy what where', () => {
    expect(readGithubQuestion(aPayload(), GITHUB_API)).toEqual({
      kind: 'question',
      question: {
        repository: 'octo/checkout',
        environment: 'production',
        run: '812',
        ref: '1.4.2',
        sha: SHA,
        installation: 99,
        sender: 'dependabot[bot]',
        build: 'https://github.com/octo/checkout/actions/runs/812',
      },
    });
  });

  it('may say ref and commit beside the deployment, and a ref in full, which is kept as it is', () => {
    const read = readGithubQuestion(aPayload({ ref: 'refs/heads/feature/x', sha: 'a'.repeat(64) }), GITHUB_API);
    expect(read).toMatchObject({ question: { ref: 'refs/heads/feature/x', sha: 'a'.repeat(64) } });
  });

  it('may come from an own server, under the path of its API', () => {
    const api = 'https://github.example/api/v3/';
    const url = 'https://github.example/api/v3/repos/octo/checkout/actions/runs/7/deployment_protection_rule';
    expect(pointersOf(aPayload({ deployment_callback_url: url }), api)).toEqual([]);
    expect(pointersOf(aPayload(), api)).toEqual(['/deployment_callback_url']);
  });

  it.each([
    ['a name that climbs', { repository: { full_name: '../..' } }, '/repository/full_name'],
    ['a name with more parts', { repository: { full_name: 'octo/checkout/x' } }, '/repository/full_name'],
    ['a control character', { environment: 'a\nb' }, '/environment'],
    ['half a surrogate', { environment: 'a\ud800' }, '/environment'],
    ['a long name', { environment: 'x'.repeat(256) }, '/environment'],
    ['no commit', { deployment: { ref: 'main', sha: 'HEAD' } }, '/deployment/sha'],
    ['no ref', { deployment: { sha: SHA } }, '/deployment/ref'],
    ['a fraction', { installation: { id: 1.5 } }, '/installation/id'],
    ['a prototype', { sender: Object.create({ login: 'ada' }) }, '/sender/login'],
  ])('is refused with %s', (_, more, pointer) => {
    expect(pointersOf(aPayload(more))).toContain(pointer);
  });

  it('leaves out a page that is none', () => {
    const repository = { full_name: 'octo/checkout', html_url: 'javascript:alert(1)' };
    expect(readGithubQuestion(aPayload({ repository }), GITHUB_API)).toMatchObject({ question: { build: null } });
  });

  it('never leads anywhere but to the documented address of its own repository, whatever is changed in it', () => {
    const own = String(aPayload().deployment_callback_url);
    const part = fc.constantFrom(
      '',
      'http',
      '@',
      'evil.example',
      '/',
      '..',
      '?',
      '#',
      '%2f',
      ':443',
      '\\',
      '\t',
      'x',
      '7',
    );
    fc.assert(
      fc.property(part, fc.nat(own.length), fc.nat(9), (put, at, taken) => {
        const url = own.slice(0, at) + put + own.slice(at + taken);
        const read = readGithubQuestion(aPayload({ deployment_callback_url: url }), GITHUB_API);
        if (read.kind === 'question') expect(url).toBe(GITHUB_API + callbackPath(read.question));
        if (url === own) expect(read.kind).toBe('question');
      }),
      { numRuns: 300 },
    );
  });

  it('may be anything without harm', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (payload) => {
        expect(readGithubQuestion(payload, GITHUB_API).kind).toBe('wrong');
      }),
      { numRuns: 100 },
    );
  });
});
