import { describe, expect, it } from 'vitest';
import type { GithubQuestion } from '../../src/domain/github-request.ts';
import { type GithubEnvironment, githubTarget } from '../../src/domain/github-target.ts';

const question: GithubQuestion = {
  repository: 'octo/checkout',
  environment: 'production',
  run: '812',
  ref: 'v1.4.2',
  sha: '6dcb09b5b57875f334f61aebed695e2e4193db5e',
  installation: 99,
  sender: 'ada',
  build: null,
};
const mapped: GithubEnvironment = {
  repository: 'Octo/Checkout',
  environment: 'Production',
  service: 'checkout',
  ring: 'global',
  version: 'ref',
};

describe('what a deployment to an environment is for the gate', () => {
  it('is the release and ring that the environment stands for, in whatever case it is written', () => {
    const release = { service: 'checkout', version: 'v1.4.2' };
    expect(githubTarget('octo', [mapped], question)).toEqual({ kind: 'target', release, ring: 'global' });
    const bySha = githubTarget('octo', [{ ...mapped, version: 'sha' }], question);
    expect(bySha).toMatchObject({ release: { version: question.sha } });
  });

  it.each([
    ['another environment', [{ ...mapped, environment: 'staging' }], {}, 'unmapped'],
    ['another repository', [{ ...mapped, repository: 'octo/other' }], {}, 'unmapped'],
    ['nothing', [], {}, 'unmapped'],
    ['a branch that is no version', [mapped], { ref: 'feature/x' }, 'no-version'],
  ] as const)('is unknown with %s, and says what to do', (_, environments, more, cause) => {
    const target = githubTarget('octo', environments, { ...question, ...more });
    expect(target).toMatchObject({ kind: 'unknown', cause, because: expect.stringContaining('PUT /github/octo') });
  });
});
