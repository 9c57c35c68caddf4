/**
 * GitHub's REST API as a GitHub App (GitHub, "Authenticating as a GitHub App installation", "Review custom
 * deployment protection rules for a workflow run" and "List repository tags", which every App may read). A failure is a value; its text is made here and holds
 * neither a secret nor anything that the other side wrote.
 */
import type { GithubFailure as Failure, GithubApi, GithubAppDocument, GithubSession as Session } from '../app/ports.ts';
import { callbackPath, GITHUB_API } from '../domain/github-request.ts';
import { appJwt } from './app-jwt.ts';
import { CredentialError, type ReadSecret, secretText } from './credential.ts';
import { findTag, TAGS_OF_PAGE, type TagPage, tagsIn } from './github-tags.ts';
import { createHttpClient, type HttpAnswer, type HttpClient, type HttpOutcome, type HttpRequest } from './http.ts';
import { retryAfterMs } from './retry-after.ts';

export interface GithubOptions {
  readonly readSecret: ReadSecret;
  readonly nowMs: () => number;
}

interface InstallationToken {
  readonly token: string;
  readonly expiresAtMs: number;
}

const TIMEOUT_MS = 5000;
/** A token that ends sooner than this is not begun with. */
const SPARE_MS = 5 * 60_000;
const MOST_TOKENS = 1000;
/** For all pages of a list of tags together. */
const TAGS_TIMEOUT_MS = 20_000;
const MOST_TAGS = 10_000;

export function createGithubApi(options: GithubOptions): GithubApi {
  const http = createHttpClient();
  const tokens = new Map<string, InstallationToken>();
  const tags = new Set<string>();
  return {
    webhookSecret: (app) => secretText(app.webhookSecret, options.readSecret),
    async connect(app, installation) {
      const name = JSON.stringify([app.url, app.appId, app.privateKey, installation]);
      const known = tokens.get(name);
      const usable = known !== undefined && known.expiresAtMs - options.nowMs() > SPARE_MS;
      const token = usable ? known : await signIn(http, app, installation, options);
      if ('kind' in token) return token;
      if (tokens.size >= MOST_TOKENS) tokens.clear();
      tokens.set(name, token);
      return sessionOf(http, app, token.token, options, { tags, forget: () => tokens.delete(name) });
    },
  };
}

/** What outlives a session: tags that were seen at a commit, and a token until it is refused. */
interface Memory {
  readonly tags: Set<string>;
  forget(): void;
}

function sessionOf(
  http: HttpClient,
  app: GithubAppDocument,
  token: string,
  { nowMs }: GithubOptions,
  { tags, forget }: Memory,
): Session {
  return {
    kind: 'session',
    async review(request, { state, comment }) {
      const body = { environment_name: request.environment, ...(state === null ? {} : { state }), comment };
      const answer = await post(http, app, callbackPath(request), token, body);
      if ('detail' in answer) return answer;
      if (answer.status === 401) forget();
      return answer.status === 204 ? { kind: 'taken' } : refusal(answer, 'the answer', nowMs());
    },
    async findTag({ repository, sha }, name) {
      const known = JSON.stringify([app.url, repository, name, sha]);
      if (tags.has(known)) return { kind: 'found', commit: sha };
      const signal = AbortSignal.timeout(TAGS_TIMEOUT_MS);
      const page = async (number: number): Promise<TagPage | Failure> => {
        const path = `/repos/${repository}/tags?per_page=${TAGS_OF_PAGE}&page=${number}`;
        const answer = await get(http, app, path, token, signal);
        if ('detail' in answer) return answer;
        if (answer.status === 401) forget();
        if (answer.status !== 200) return refusal(answer, 'the list of tags', nowMs());
        return tagsIn(answer.body) ?? failed(200, 'GitHub answered with something that is no list of tags');
      };
      const found = await findTag(page, name);
      if (tags.size >= MOST_TAGS) tags.clear();
      if (found.kind === 'found' && found.commit === sha) tags.add(known);
      return found;
    },
  };
}

async function signIn(
  http: HttpClient,
  app: GithubAppDocument,
  installation: number,
  { readSecret, nowMs }: GithubOptions,
): Promise<InstallationToken | Failure> {
  const jwt = await ownToken(app, readSecret, nowMs());
  if (typeof jwt !== 'string') return jwt;
  const body = { permissions: { deployments: 'write' } };
  const answer = await post(http, app, `/app/installations/${installation}/access_tokens`, jwt, body);
  if ('detail' in answer) return answer;
  if (answer.status !== 201) return refusal(answer, 'the sign-in of the app', nowMs());
  const { token, expires_at: expiresAt } = parsed(answer.body);
  const expiresAtMs = typeof expiresAt === 'string' ? Date.parse(expiresAt) : Number.NaN;
  if (typeof token === 'string' && /^[\x21-\x7e]+$/.test(token) && !Number.isNaN(expiresAtMs))
    return { token, expiresAtMs };
  return failed(answer.status, 'GitHub answered the sign-in of the app with something that is no token');
}

async function ownToken(app: GithubAppDocument, readSecret: ReadSecret, nowMs: number): Promise<string | Failure> {
  try {
    return appJwt(app.appId, await secretText(app.privateKey, readSecret), nowMs);
  } catch (error) {
    return failed(null, error instanceof CredentialError ? error.message : 'the private key of the app is no PEM');
  }
}

async function post(
  http: HttpClient,
  app: GithubAppDocument,
  path: string,
  bearer: string,
  body: object,
): Promise<HttpAnswer | Failure> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  return answerIn(await http.postJson({ ...requestTo(app, path, bearer, signal), document: body }));
}

async function get(
  http: HttpClient,
  app: GithubAppDocument,
  path: string,
  bearer: string,
  signal: AbortSignal,
): Promise<HttpAnswer | Failure> {
  return answerIn(await http.get(requestTo(app, path, bearer, signal)));
}

function requestTo(app: GithubAppDocument, path: string, bearer: string, signal: AbortSignal): HttpRequest {
  const headers = {
    Accept: 'application/vnd.github+json',
    'X-GitHub-Api-Version': '2022-11-28',
    'User-Agent': 'ringgate',
    Authorization: `Bearer ${bearer}`,
  };
  return { baseUrl: app.url ?? GITHUB_API, path, headers, timeoutMs: TIMEOUT_MS, signal };
}

function answerIn(outcome: HttpOutcome): HttpAnswer | Failure {
  if (outcome.kind === 'answer') return outcome;
  return failed(null, outcome.kind === 'failed' ? outcome.detail : 'GitHub did not answer in time');
}

/** Also a 403 may be a rate limit at GitHub; both say when to come again. */
function refusal(answer: HttpAnswer, what: string, nowMs: number): Failure {
  return {
    ...failed(answer.status, `GitHub refused ${what} with ${answer.status}`),
    pauseMs: retryAfterMs(answer, nowMs),
  };
}

function failed(status: number | null, detail: string): Failure {
  return { kind: 'failed', status, detail, pauseMs: 0 };
}

function parsed(text: string): { readonly token?: unknown; readonly expires_at?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
