import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GithubQuestion } from '../../src/domain/github-request.ts';
import { type GithubEnvironment, githubTarget, tagToFind } from '../../src/domain/github-target.ts';

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
    const rest = { ring: 'global', artifact: `commit:${question.sha}`, ref: 'refs/tags/v1.4.2' };
    const tagged = { ...question, ref: 'refs/tags/v1.4.2' };
    expect(githubTarget('octo', [mapped], tagged, null)).toEqual({ kind: 'target', release, ...rest });
    expect(githubTarget('octo', [mapped], question, { commit: question.sha })).toMatchObject({ release, ...rest });
    const bySha = githubTarget('octo', [{ ...mapped, version: 'sha' }], question, null);
    expect(bySha).toMatchObject({ release: { version: question.sha }, artifact: rest.artifact, ref: 'v1.4.2' });
  });

  it.each([
    ['another environment', [{ ...mapped, environment: 'staging' }], {}, 'unmapped'],
    ['another repository', [{ ...mapped, repository: 'octo/other' }], {}, 'unmapped'],
    ['nothing', [], {}, 'unmapped'],
    ['a name of which nobody has asked what it is', [mapped], {}, 'tag-unknown'],
    ['a tag that is no version', [mapped], { ref: 'refs/tags/release/1' }, 'no-version'],
  ] as const)('is unknown with %s, and says what to do', (_, environments, more, cause) => {
    const target = githubTarget('octo', environments, { ...question, ...more }, null);
    expect(target).toMatchObject({ kind: 'unknown', cause, because: expect.stringContaining('PUT /github/octo') });
  });

  it('needs GitHub to be asked where a bare name is the version, and nowhere else', () => {
    expect(tagToFind([mapped], question)).toBe('v1.4.2');
    for (const ref of ['refs/tags/v1.4.2', 'refs/heads/v1.4.2'])
      expect(tagToFind([mapped], { ...question, ref })).toBe(null);
    expect(tagToFind([{ ...mapped, version: 'sha' }], question)).toBe(null);
    expect(tagToFind([], question)).toBe(null);
  });

  it.each([
    ['a branch in full', 'refs/heads/v1.4.2', null, 'is a branch'],
    ['a name that is no tag', 'v1.4.2', { commit: null }, 'has no tag v1.4.2'],
    ['a name whose tag is at another commit', 'v1.4.2', { commit: '1'.repeat(40) }, `is at ${'1'.repeat(40)}`],
  ] as const)('is never one for %s, and the way out is the commit', (_, ref, found, why) => {
    const target = githubTarget('octo', [mapped], { ...question, ref }, found);
    expect(target).toMatchObject({ kind: 'refused', because: expect.stringContaining(why) });
    expect(target).toMatchObject({ because: expect.stringContaining('"version": "sha"') });
  });

  it('is its commit whatever its ref is called, and a version only where GitHub says that it is a tag at that commit', () => {
    const sha = fc.constantFrom('1'.repeat(40), '2'.repeat(40));
    const ref = fc.constantFrom('main', '1.4.2', 'refs/heads/1.4.2', 'refs/tags/1.4.2', 'refs/tags/refs/heads/x');
    const found = fc.option(fc.record({ commit: fc.option(sha) }), { nil: null });
    const version = fc.constantFrom('ref' as const, 'sha' as const);
    fc.assert(
      fc.property(sha, ref, found, version, (commit, named, tag, by) => {
        const target = githubTarget(
          'octo',
          [{ ...mapped, version: by }],
          { ...question, sha: commit, ref: named },
          tag,
        );
        if (target.kind !== 'target') return;
        expect(target.artifact).toBe(`commit:${commit}`);
        if (by === 'sha') expect(target.release.version).toBe(commit);
        else expect(named.startsWith('refs/tags/') || tag?.commit === commit).toBe(true);
      }),
    );
  });
});
