import type { FieldError } from './errors.ts';

/**
 * What GitHub wants to know: may this run deploy to this environment? Read from the payload of
 * `deployment_protection_rule` (GitHub, "Webhook events and payloads"), which only a valid signature
 * makes GitHub's. What is kept is checked all the same: it travels into a path, a record and a page.
 */
export interface GithubQuestion {
  /** `owner/name`. */
  readonly repository: string;
  readonly environment: string;
  /** Id of the workflow run, digits. */
  readonly run: string;
  /**
   * Branch or tag. GitHub sends the bare name, which does not say which of the two it is; in full, `refs/tags/…` or
   * `refs/heads/…`, it does. No branch or tag may be named `refs/…` there.
   */
  readonly ref: string;
  /** The commit that the run was started for. */
  readonly sha: string;
  readonly installation: number;
  /** Login of whoever started it. */
  readonly sender: string;
  /** The run's page; null when the repository's page is not told. */
  readonly build: string | null;
}

export type ReadQuestion =
  | { readonly kind: 'question'; readonly question: GithubQuestion }
  | { readonly kind: 'wrong'; readonly errors: readonly FieldError[] };

/** Where the REST API is unless an app says otherwise. */
export const GITHUB_API = 'https://api.github.com';

const REPOSITORY = /^(?!\.{1,2}\/)[A-Za-z0-9_.-]{1,100}\/(?!\.{1,2}$)[A-Za-z0-9_.-]{1,100}$/;
/** GitHub limits the name of an environment to 255 characters. */
const ENVIRONMENT = /^[^\p{Cc}\p{Cs}]{1,255}$/u;
const REF = /^(?:refs\/(?:heads|tags)\/)?[^\p{Cc}\p{Cs}]{1,255}$/u;
const SHA = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const LOGIN = /^[A-Za-z0-9_.[\]-]{1,100}$/;
const PAGE = /^https?:\/\/[A-Za-z0-9.:-]{1,255}\/[A-Za-z0-9_./-]{1,300}$/;

/**
 * Reads the payload. `apiUrl` is where the app's answers go; a payload that wants to be answered
 * anywhere else is refused. Pointers of errors are into the payload.
 */
export function readGithubQuestion(payload: unknown, apiUrl: string): ReadQuestion {
  const at = (path: string) => path.split('/').reduce<unknown>((inner, name) => fieldOf(inner, name), payload);
  const errors: FieldError[] = [];
  const text = (value: unknown, pointer: string, shape: RegExp, what: string): string => {
    const match = typeof value === 'string' ? shape.exec(value) : null;
    if (match === null) errors.push({ pointer, message: `must be ${what}` });
    return match?.[0] ?? '';
  };
  const repository = text(at('repository/full_name'), '/repository/full_name', REPOSITORY, 'owner/name');
  const environment = text(at('environment'), '/environment', ENVIRONMENT, 'the name of an environment');
  const ref = text(at('ref') ?? at('deployment/ref'), '/deployment/ref', REF, 'a branch or tag');
  const sha = text(at('sha') ?? at('deployment/sha'), '/deployment/sha', SHA, 'the hash of a commit');
  const sender = text(at('sender/login'), '/sender/login', LOGIN, 'a login');
  const installation = at('installation/id');
  if (typeof installation !== 'number' || !Number.isSafeInteger(installation) || installation < 1)
    errors.push({ pointer: '/installation/id', message: 'must be the number of an installation' });
  const run = runOf(at('deployment_callback_url'), repository, apiUrl);
  if (run === null) errors.push({ pointer: '/deployment_callback_url', message: wrongCallback(repository, apiUrl) });
  if (errors.length > 0 || run === null) return { kind: 'wrong', errors };
  const build = buildOf(at('repository/html_url'), run);
  const rest = { repository, environment, run, ref, sha, sender, build };
  return { kind: 'question', question: { ...rest, installation: installation as number } };
}

/** Where the run is answered, below the API's URL. Made from parts that were checked, never from a URL that was sent. */
export function callbackPath({ repository, run }: Pick<GithubQuestion, 'repository' | 'run'>): string {
  return `/repos/${repository}/actions/runs/${run}/deployment_protection_rule`;
}

/** The run that a callback URL is about; null when it is not the documented one of this repository at this API. */
function runOf(url: unknown, repository: string, apiUrl: string): string | null {
  if (typeof url !== 'string' || repository === '') return null;
  const run = /\/actions\/runs\/([0-9]{1,20})\/deployment_protection_rule$/.exec(url)?.[1];
  if (run === undefined) return null;
  const expected = apiUrl.replace(/\/+$/, '') + callbackPath({ repository, run });
  return url.toLowerCase() === expected.toLowerCase() ? run : null;
}

function wrongCallback(repository: string, apiUrl: string): string {
  const path = callbackPath({ repository: repository || '{owner}/{repo}', run: '{run}' });
  return `must be ${apiUrl.replace(/\/+$/, '')}${path}; if GitHub is somewhere else, set the url of the app to its API`;
}

function buildOf(page: unknown, run: string): string | null {
  return typeof page === 'string' && PAGE.test(page) ? `${page}/actions/runs/${run}` : null;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}
