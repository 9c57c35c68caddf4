/** GitHub as far as its documentation describes what a deployment protection rule meets: webhooks, sign-in, reviews, tags. */
import { createHmac, generateKeyPairSync, randomUUID, verify } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json as readJson } from 'node:stream/consumers';

export interface Review {
  readonly run: string;
  readonly environment: string;
  readonly state: 'approved' | 'rejected' | null;
  readonly comment: string;
}

export interface Failure {
  readonly on: 'sign-in' | 'review' | 'tags';
  /** `reset` closes the connection: before it was taken in, or after (`taken`). */
  readonly as: number | 'reset' | 'taken';
  readonly headers?: Record<string, string>;
}

export interface FakeGithub {
  readonly url: string;
  readonly appId: string;
  /** PKCS #1, as GitHub hands it out. */
  readonly privateKey: string;
  readonly webhookSecret: string;
  /** What was taken, oldest first. */
  readonly reviews: Review[];
  /** Everything that came in, taken or not. */
  readonly seen: string[];
  /** Where each tag of every repository is; `1.4.2` is at the commit of runs that say nothing else. */
  readonly tags: Map<string, string>;
  /** The next such request fails so. */
  failNext(failure: Failure): void;
  /** A job that waits: the payload of its webhook. */
  waits(overrides?: {
    /** In its bare form, as GitHub sends it. */
    ref?: string;
    sha?: string;
    environment?: string;
    repository?: string;
    sender?: string;
  }): Record<string, unknown>;
  /** Somebody cancels the run. */
  cancel(payload: Record<string, unknown>): void;
  stop(): Promise<void>;
}

const INSTALLATION = 99;
/** The commit of a run that says no other. */
export const SHA = '6dcb09b5b57875f334f61aebed695e2e4193db5e';

export async function startFakeGithub(): Promise<FakeGithub> {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const waiting = new Map<string, { reports: number }>();
  const tokens = new Set<string>();
  const reviews: Review[] = [];
  const tags = new Map([['1.4.2', SHA]]);
  const seen: string[] = [];
  const failures: Failure[] = [];
  let runs = 811;
  const appId = '12345';

  const signIn = (request: IncomingMessage, path: string): [number, object] => {
    if (!isOwnToken(bearerOf(request), keys.publicKey, appId))
      return [401, { message: 'A JSON web token could not be decoded' }];
    if (path !== `/app/installations/${INSTALLATION}/access_tokens`) return [404, { message: 'Not Found' }];
    const token = `ghs_${randomUUID().replaceAll('-', '')}`;
    tokens.add(token);
    return [201, { token, expires_at: new Date(Date.now() + 3_600_000).toISOString() }];
  };
  const review = (request: IncomingMessage, path: string, body: Record<string, unknown>): [number, object] => {
    if (!tokens.has(bearerOf(request))) return [401, { message: 'Bad credentials' }];
    const { environment_name: environment, state = null, comment, ...unknown } = body;
    const key = `${path} ${environment}`;
    const job = waiting.get(key);
    if (job === undefined) return [422, { message: 'nothing waits' }];
    const tooLong = typeof comment !== 'string' || comment.length === 0 || comment.length > 1024;
    if (tooLong || Object.keys(unknown).length > 0 || ![null, 'approved', 'rejected'].includes(state as string | null))
      return [422, { message: 'Validation Failed' }];
    if (state === null && job.reports >= 10) return [422, { message: 'too many' }];
    if (state === null) job.reports += 1;
    else waiting.delete(key);
    const run = /runs\/(\d+)\//.exec(path)?.[1] ?? '';
    reviews.push({ run, environment: String(environment), state: state as Review['state'], comment: String(comment) });
    return [204, {}];
  };
  /** GitHub, "List repository tags": pages of at most 100, in no order that is promised. */
  const listTags = (request: IncomingMessage, path: string): [number, unknown] => {
    if (!tokens.has(bearerOf(request))) return [401, { message: 'Bad credentials' }];
    const query = new URL(path, 'http://github').searchParams;
    const [size, page] = [Number(query.get('per_page') ?? 30), Number(query.get('page') ?? 1)];
    const all = [...tags].map(([name, sha]) => ({ name, commit: { sha } }));
    return [200, all.slice((page - 1) * size, page * size)];
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? '';
    const body = request.method === 'GET' ? {} : ((await readJson(request)) as Record<string, unknown>);
    const isReview = /^\/repos\/[\w.-]+\/[\w.-]+\/actions\/runs\/\d+\/deployment_protection_rule$/.test(path);
    seen.push(`${request.method} ${path}`);
    const isTags = request.method === 'GET' && /^\/repos\/[\w.-]+\/[\w.-]+\/tags\?/.test(path);
    const kind = isTags ? 'tags' : isReview ? 'review' : 'sign-in';
    const plain = (isTags || request.method === 'POST') && request.headers['user-agent'] !== undefined;
    const failing = failures.findIndex(({ on }) => on === kind);
    const [failure] = failing < 0 ? [] : failures.splice(failing, 1);
    if (typeof failure?.as === 'number') return send(response, failure.as, {}, failure.headers);
    if (failure?.as === 'reset') return void response.destroy();
    const [status, content] = !plain
      ? [403, {}]
      : { tags: listTags, review, 'sign-in': signIn }[kind](request, path, body);
    if (failure?.as === 'taken') return void response.destroy();
    send(response, status, content);
  };

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    appId,
    privateKey: keys.privateKey.export({ type: 'pkcs1', format: 'pem' }) as string,
    webhookSecret: 'the secret of the webhook',
    reviews,
    tags,
    seen,
    failNext: (failure) => void failures.push(failure),
    waits({ ref = '1.4.2', sha = SHA, environment = 'canary', repository = 'octo/checkout', sender = 'ada' } = {}) {
      runs += 1;
      const path = `/repos/${repository}/actions/runs/${runs}/deployment_protection_rule`;
      waiting.set(`${path} ${environment}`, { reports: 0 });
      return {
        action: 'requested',
        environment,
        event: 'push',
        deployment_callback_url: `${url}${path}`,
        sha,
        ref,
        deployment: { id: runs + 4000, ref, sha, environment, task: 'deploy' },
        pull_requests: [],
        repository: { id: 1, full_name: repository, html_url: `https://github.com/${repository}` },
        installation: { id: INSTALLATION },
        sender: { login: sender, id: 7 },
      };
    },
    cancel(payload) {
      const path = new URL(String(payload.deployment_callback_url)).pathname;
      waiting.delete(`${path} ${payload.environment}`);
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** GitHub, "Validating webhook deliveries". */
export function signatureOf(body: string | Uint8Array, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

/** Sends a delivery as GitHub does; `headers` replace its own. */
export async function deliver(
  webhook: string,
  payload: unknown,
  secret: string,
  headers: Record<string, string | undefined> = {},
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const own = {
    'content-type': 'application/json',
    'user-agent': 'GitHub-Hookshot/044aadd',
    'x-github-event': 'deployment_protection_rule',
    'x-github-delivery': randomUUID(),
    'x-hub-signature-256': signatureOf(body, secret),
    ...headers,
  };
  const sent = Object.entries(own).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const response = await fetch(webhook, { method: 'POST', headers: Object.fromEntries(sent), body });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

function bearerOf(request: IncomingMessage): string {
  return /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
}

/** GitHub, "Generating a JSON Web Token for a GitHub App". */
function isOwnToken(text: string, key: Parameters<typeof verify>[2], appId: string): boolean {
  const [head = '', claims = '', signature = ''] = text.split('.');
  if (!verify('sha256', Buffer.from(`${head}.${claims}`), key, Buffer.from(signature, 'base64url'))) return false;
  const { alg } = JSON.parse(Buffer.from(head, 'base64url').toString());
  const { iat, exp, iss } = JSON.parse(Buffer.from(claims, 'base64url').toString());
  const now = Date.now() / 1000;
  return alg === 'RS256' && iss === appId && iat <= now && exp > now && exp <= now + 600;
}

function send(response: ServerResponse, status: number, content: unknown, headers: Record<string, string> = {}): void {
  const body = status === 204 ? '' : JSON.stringify(content);
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
}
