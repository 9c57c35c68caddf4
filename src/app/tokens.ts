import { timingSafeEqual } from 'node:crypto';
import { sha256Hex } from '../domain/audit/canonical.ts';
import { unwantedIn } from '../domain/audit/plain-text.ts';
import { parseDuration } from '../domain/duration.ts';
import { type FieldError, GateError, invalid } from '../domain/errors.ts';
import { after } from '../domain/instant.ts';
import { mixedScripts, samePerson } from '../domain/person.ts';
import { again } from './again.ts';
import type { Ports, Principal, RequestContext, Revisions, Role, StoredToken } from './ports.ts';
import { newEntry } from './record.ts';
import { ANONYMOUS, ROLES, rightsOf } from './rights.ts';
import { looksLikeToken, newTokenText } from './token-format.ts';

/**
 * Tokens are known to the store only by their SHA-256, which is enough for 178 random bits. Whoever
 * is refused is told the same, whether the token is unknown, expired or garbage: the answer must
 * not help to guess.
 */
export interface TokenRequest {
  readonly name: string;
  readonly role: Role;
  /** How long it is valid, a Prometheus duration; 90d by default, at most 365d. */
  readonly expires?: string;
  /** Change classes it may claim beside `standard`. */
  readonly changes?: readonly string[];
}

/** What may be known about a token once it has been shown. */
export type TokenDocument = Omit<StoredToken, 'hash'>;

const DEFAULT_EXPIRES = '90d';
const MAX_EXPIRES_MS = 365 * 86_400_000;
const CHANGES: readonly string[] = ['standard', 'emergency', 'security'];
/** Raised by every new token, so that two that are made at once see each other. */
const SCOPE = 'tokens';

type TokenPorts = Pick<Ports, 'store' | 'events' | 'runtime' | 'origin' | 'gateVersion'>;
type NewToken = TokenDocument & { readonly token: string };

/**
 * Makes a token. Its text is in the answer and nowhere else, not even in the record.
 * `context` is null when it is made from the command line.
 * @throws GateError `invalid-request` naming every wrong field; a name that is a person's, written otherwise, is one.
 *   `conflict` for a first token that could make no others.
 */
export async function createToken(
  ports: TokenPorts,
  context: RequestContext | null,
  request: TokenRequest,
): Promise<NewToken> {
  const errors = wrongIn(request);
  if (errors.length > 0) throw invalid(errors);
  return again('the list of tokens', async () => {
    const expects = await ports.store.revisions([SCOPE]);
    const tokens = await ports.store.tokens();
    if (context?.principal.kind === 'anonymous') requireFirst(request.role, tokens);
    requireOwnName(request.name, tokens);
    return await write(ports, context, request, expects);
  });
}

async function write(
  ports: TokenPorts,
  context: RequestContext | null,
  request: TokenRequest,
  expects: Revisions,
): Promise<NewToken | null> {
  const createdAt = await ports.store.now();
  const document: TokenDocument = {
    id: ports.runtime.newId(),
    name: request.name,
    role: request.role,
    changes: [...new Set(['standard', ...(request.changes ?? [])])],
    createdAt,
    expiresAt: after(createdAt, parseDuration(request.expires ?? DEFAULT_EXPIRES) ?? 0),
  };
  const token = newTokenText(request.role);
  const entry = newEntry(ports, context, { kind: 'token-create', at: createdAt, token: document });
  const put = { kind: 'put-token', token: { ...document, hash: sha256Hex(token) } } as const;
  const outcome = await ports.store.append({ entry, expects, raises: [SCOPE], writes: [put] });
  if (outcome !== 'recorded') return null;
  if (context !== null) ports.events.changed({ request: context, kind: 'token-create', subject: document.id });
  return { ...document, token };
}

/**
 * Who sent this credential (null when none was sent). Nobody at all is the anonymous caller, but
 * only where that is allowed and only until the first token has been made.
 * @throws GateError `unauthenticated`, or `unavailable` when the store does not answer.
 */
export async function authenticate(
  ports: Pick<Ports, 'store' | 'anonymousAllowed'>,
  bearer: string | null,
): Promise<Principal> {
  if (bearer === null) {
    if (ports.anonymousAllowed && !(await ports.store.anyToken())) return ANONYMOUS;
    throw refused();
  }
  if (!looksLikeToken(bearer)) throw refused();
  const hash = sha256Hex(bearer);
  const found = await ports.store.token(hash);
  if (found === null || !sameDigest(found.hash, hash) || found.expiresAt <= found.now) throw refused();
  return { kind: 'token', id: found.id, name: found.name, roles: [found.role], changes: found.changes };
}

/** Every token that was made, without its hash. */
export async function listTokens(ports: Pick<Ports, 'store'>): Promise<readonly TokenDocument[]> {
  return (await ports.store.tokens()).map(({ hash: _, ...document }) => document);
}

/** True while none of the tokens that are valid can make others: then only the command line can. */
export async function nobodyAdministers({ store }: Pick<Ports, 'store'>): Promise<boolean> {
  const now = await store.now();
  return !(await store.tokens()).some((token) => administers(token.role) && token.expiresAt > now);
}

function administers(role: Role): boolean {
  return rightsOf(role).includes('administer');
}

/**
 * What nobody in particular may make is the first token, also when two are made at once. It ends anonymous access, so one
 * that can make no others would lock its owner out.
 */
function requireFirst(role: Role, tokens: readonly StoredToken[]): void {
  if (tokens.length > 0) throw refused();
  if (administers(role)) return;
  throw new GateError(
    'conflict',
    `the first token has to be an admin's: it ends anonymous access, and a token of the role ${role} can make no others. Send {"name": "<who>", "role": "admin"} first, then this again with the token that you get`,
  );
}

/** Several tokens may be of one person; then they bear exactly one name, so that everybody sees it. */
function requireOwnName(name: string, tokens: readonly StoredToken[]): void {
  const taken = tokens.find((token) => token.name !== name && samePerson(token.name, name));
  if (taken === undefined) return;
  const message = `is another way to write "${taken.name}", who has a token already: use exactly that name for the same person, or one that differs by more than case, space and form`;
  throw invalid([{ pointer: '/name', message }]);
}

function wrongIn(request: TokenRequest): readonly FieldError[] {
  const { name, role, expires = DEFAULT_EXPIRES, changes = [] } = request;
  const ms = parseDuration(expires);
  const errors: FieldError[] = [...unwantedIn(name, '/name')];
  const unknown = changes.filter((change) => !CHANGES.includes(change));
  if (name.trim() === '' || name.length > 100)
    errors.push({ pointer: '/name', message: 'must have 1 to 100 characters' });
  const mixed = mixedScripts(name).map(({ script, letter }) => `${script} ("${letter}")`);
  if (mixed.length > 0) {
    const message = `mixes letters that look alike, ${mixed.join(' and ')}: write the name in one script`;
    errors.push({ pointer: '/name', message });
  }
  if (!ROLES.includes(role)) errors.push({ pointer: '/role', message: `must be one of ${ROLES.join(', ')}` });
  if (ms === null || ms <= 0 || ms > MAX_EXPIRES_MS) {
    errors.push({ pointer: '/expires', message: 'must be a duration above 0s and at most 365d, for example 90d' });
  }
  if (unknown.length > 0) {
    errors.push({ pointer: '/changes', message: `${unknown.join(', ')}: must be among ${CHANGES.join(', ')}` });
  }
  return errors;
}

function sameDigest(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a, 'hex'), Buffer.from(b, 'hex')];
  return left.length === right.length && timingSafeEqual(left, right);
}

function refused(): GateError {
  return new GateError(
    'unauthenticated',
    'no valid bearer token was sent: send `Authorization: Bearer <token>`; an administrator makes one with POST /tokens, or `ringgate token create`',
  );
}
