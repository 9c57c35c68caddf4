import { createHmac, timingSafeEqual } from 'node:crypto';
import { canonicalJson, sha256Hex } from '../domain/audit/canonical.ts';
import { GateError, invalid } from '../domain/errors.ts';
import { GITHUB_API, type GithubQuestion, readGithubQuestion } from '../domain/github-request.ts';
import { githubCaller } from './github-caller.ts';
import type { GithubAppDocument, GithubRequest, Ports, RequestContext } from './ports.ts';
import { newEntry } from './record.ts';

/** A delivery as it came in: what GitHub says about it, and exactly the bytes it has signed. */
export interface GithubDelivery {
  readonly app: string;
  readonly event: string | null;
  readonly delivery: string | null;
  /** The header X-Hub-Signature-256. */
  readonly signature: string | null;
  readonly bytes: Uint8Array;
}

export interface Received {
  /** `stored`: it will be answered; `known`: it was here before; `ignored`: nothing that waits for an answer. */
  readonly received: 'stored' | 'known' | 'ignored' | 'ping';
  /** Id of the request; null when there is none. */
  readonly request: string | null;
}

/**
 * Puts a deployment that waits at GitHub on record, and no more: GitHub gives up after ten seconds and
 * never sends a delivery again by itself, so that everything that may take longer comes later.
 * @throws GateError `unauthenticated` unless the bytes are signed with the app's secret; `invalid-request`
 *   naming what cannot be used; `unavailable` when the store does not answer.
 */
export async function receiveGithub(ports: Ports, context: RequestContext, sent: GithubDelivery): Promise<Received> {
  const app = await signedApp(ports, sent);
  if (sent.event === 'ping') return { received: 'ping', request: null };
  const payload = parsed(sent.bytes);
  if (sent.event !== 'deployment_protection_rule' || payload.action !== 'requested')
    return { received: 'ignored', request: null };
  const read = readGithubQuestion(payload, app.url ?? GITHUB_API);
  if (read.kind === 'wrong') throw invalid(read.errors);
  return await keep(ports, context, sent, read.question);
}

/** The app whose secret the bytes are signed with. Whether there is one, and whether it has a secret, is nobody else's business. */
async function signedApp(ports: Ports, sent: GithubDelivery): Promise<GithubAppDocument> {
  const { row } = await ports.store.config({ kind: 'github', owner: '', name: sent.app });
  const app = row?.document as GithubAppDocument | undefined;
  const secret = app === undefined ? null : await secretOf(ports, sent.app, app);
  if (app !== undefined && secret !== null && isSigned(sent, secret)) return app;
  const advice = 'name the app in the address as under /github, and give both sides the same webhook secret';
  throw new GateError('unauthenticated', `The signature does not fit: ${advice}.`);
}

/** Null when it cannot be read: the operator is told in the log. */
async function secretOf(ports: Ports, name: string, app: GithubAppDocument): Promise<string | null> {
  try {
    return await ports.github.webhookSecret(app);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'the webhook secret cannot be read';
    ports.events.github({ app: name, outcome: 'failed', subject: 'webhook', reason });
    return null;
  }
}

/** GitHub, "Validating webhook deliveries": HMAC-SHA256 over the raw bytes, compared in constant time. */
function isSigned({ signature, bytes }: GithubDelivery, secret: string): boolean {
  const expected = `sha256=${createHmac('sha256', secret).update(bytes).digest('hex')}`;
  const [a, b] = [Buffer.from(signature ?? ''), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function parsed(bytes: Uint8Array): { readonly action?: unknown } {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Told below.
  }
  throw new GateError('invalid-request', 'The body is not a JSON object in UTF-8.', [
    { pointer: '', message: 'must be a JSON object' },
  ]);
}

/**
 * One request for what was signed: the name of a delivery is not, so that it could be sent again under
 * another one. Of several that come at once the revision lets one be recorded.
 */
async function keep(
  ports: Ports,
  context: RequestContext,
  { app, delivery, bytes }: GithubDelivery,
  question: GithubQuestion,
): Promise<Received> {
  const id = sha256Hex(canonicalJson([app, Buffer.from(bytes).toString('base64')]));
  const at = await ports.store.now();
  const progress = { dueAt: at, failures: 0, reports: 0, reported: '', endedAt: null };
  const request: GithubRequest = { ...question, id, app, delivery: delivery ?? '', receivedAt: at, ...progress };
  const by = { ...context, principal: githubCaller(app) };
  const asked = { ...question, delivery: request.delivery };
  const entry = newEntry(ports, by, {
    kind: 'github-request',
    at,
    actor: question.sender,
    github: { id, app, ...asked },
  });
  const scope = `github/${id}`;
  const write = { kind: 'put-github', request } as const;
  const outcome = await ports.store.append({ entry, expects: { [scope]: 0 }, raises: [scope], writes: [write] });
  if (outcome !== 'recorded') return { received: 'known', request: id };
  ports.events.github({ app, outcome: 'received', subject: question.build ?? question.repository, reason: null });
  return { received: 'stored', request: id };
}
