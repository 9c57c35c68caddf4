/**
 * GitHub's REST API as a GitHub App (GitHub, "Authenticating as a GitHub App installation" and "Review custom
 * deployment protection rules for a workflow run"). A failure is a value; its text is made here and holds
 * neither a secret nor anything that the other side wrote.
 */
import type { GithubApi, GithubAppDocument } from '../app/ports.ts';
import { callbackPath, GITHUB_API } from '../domain/github-request.ts';
import { appJwt } from './app-jwt.ts';
import { CredentialError, type ReadSecret, secretText } from './credential.ts';
import { createHttpClient, type HttpAnswer, type HttpClient } from './http.ts';
import { retryAfterMs } from './retry-after.ts';

export interface GithubOptions {
  readonly readSecret: ReadSecret;
  readonly nowMs: () => number;
}

type Session = Extract<Awaited<ReturnType<GithubApi['connect']>>, { kind: 'session' }>;
type Failure = Extract<Awaited<ReturnType<GithubApi['connect']>>, { kind: 'failed' }>;

interface InstallationToken {
  readonly token: string;
  readonly expiresAtMs: number;
}

const TIMEOUT_MS = 5000;
/** A token that ends sooner than this is not begun with. */
const SPARE_MS = 5 * 60_000;
const MOST_TOKENS = 1000;

export function createGithubApi(options: GithubOptions): GithubApi {
  const http = createHttpClient();
  const tokens = new Map<string, InstallationToken>();
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
      return sessionOf(http, app, token.token, options, () => tokens.delete(name));
    },
  };
}

function sessionOf(
  http: HttpClient,
  app: GithubAppDocument,
  token: string,
  { nowMs }: GithubOptions,
  forget: () => void,
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
  const headers = {
    Accept: 'application/vnd.github+json',
    'X-GitHub-Api-Version': '2022-11-28',
    'User-Agent': 'ringgate',
    Authorization: `Bearer ${bearer}`,
  };
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const outcome = await http.postJson({
    baseUrl: app.url ?? GITHUB_API,
    path,
    headers,
    document: body,
    timeoutMs: TIMEOUT_MS,
    signal,
  });
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
