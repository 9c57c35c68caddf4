/**
 * What every answer has to be, whatever was asked. Each function gives the laws that were broken, in
 * words; an empty list is what a test expects.
 */
import type { Contract } from '../../src/http/contract.ts';
import type { HostileRequest } from './hostile-requests.ts';
import { MARKER } from './hostile-texts.ts';
import type { Exchange, WireResponse } from './hostile-wire.ts';

/** Names of headers that an answer may have; nothing that a caller sends may add one. */
const OWN_HEADERS = new Set(
  (
    'date connection keep-alive content-type content-length cache-control x-request-id allow ' +
    'etag last-modified location retry-after www-authenticate gate-verdict gate-decision gate-enforced gate-verdict-advised ' +
    'content-security-policy cross-origin-opener-policy cross-origin-resource-policy origin-agent-cluster referrer-policy ' +
    'strict-transport-security x-content-type-options x-dns-prefetch-control x-download-options x-frame-options ' +
    'x-permitted-cross-domain-policies x-xss-protection'
  ).split(' '),
);
const VERDICTS: Readonly<Record<number, readonly string[]>> = {
  200: ['promote', 'hold', 'rollback'],
  409: ['rollback'],
  423: ['hold'],
  429: ['hold'],
};

/** A refusal that grows with what it refuses would be a means to make the gate work. */
const MOST_REFUSAL = 70_000;

interface Problem {
  readonly type: string;
  readonly status: number;
  readonly instance: string;
  readonly code: string;
  readonly errors?: readonly { readonly pointer: string; readonly message: string }[];
}

/** True when something was recorded because of the request: exactly then one record may have been added. */
export function isAccepted({ operation, target }: HostileRequest, response: WireResponse): boolean {
  if (operation.id === 'importFreezes' && target.includes('dryRun=true')) return false;
  if (isGate(operation.id)) return response.headers['gate-verdict'] !== undefined;
  return operation.method !== 'get' && response.status < 300;
}

export function isGate(operationId: string): boolean {
  return operationId === 'getGate' || operationId === 'postGate';
}

/** Laws of the exchange as a whole and of its first answer. */
export function brokenLaws(contract: Contract, request: HostileRequest, { responses, rest, hung }: Exchange): string[] {
  const [response] = responses;
  if (hung) return ['not answered in time'];
  if (response === undefined) return ['connection ended without an answer'];
  if (isOfParser(response)) return mayStopAtParser(request) ? [] : [`a bare ${response.status}`];
  return [
    ...(responses.length === 1 && rest === '' ? [] : ['more than one answer to one request']),
    ...brokenByHead(response),
    ...brokenByStatus(request, response),
    ...brokenByVerdict(request, response),
    ...(response.status >= 400 && response.headers['gate-verdict'] === undefined
      ? brokenByRefusal(contract, request, response)
      : []),
  ];
}

/** What cannot be read as HTTP never reaches the service: Node refuses it by itself, without a body, and hangs up. */
export function isOfParser({ status, head, body }: WireResponse): boolean {
  const bare = head.every((line) =>
    /^(?:Connection: close|Connection: keep-alive|Keep-Alive: .*|Date: .*|Transfer-Encoding: chunked)$/.test(line),
  );
  return [400, 408, 413, 417, 431, 505].includes(status) && bare && ['', '0\r\n\r\n'].includes(body);
}

/** Bytes that no request line may have, or a head beyond 16 KiB. */
function mayStopAtParser({ target, headers }: HostileRequest): boolean {
  const size = target.length + headers.reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);
  return /[^\x21-\x7e]/.test(target) || size > 15_500;
}

/** Laws of any head, whatever was asked. */
export function brokenByHead({ status, head, headers }: WireResponse): string[] {
  const names = head.map((line) => line.slice(0, line.indexOf(':')).toLowerCase());
  const foreign = names.filter((name) => !OWN_HEADERS.has(name));
  return [
    ...(status >= 200 && status < 500 ? [] : [`status ${status}`]),
    ...(foreign.length === 0 ? [] : [`headers ${foreign.join(', ')}`]),
    ...(new Set(names).size === names.length ? [] : ['a header stands twice']),
    ...(head.some((line) => line.includes(MARKER)) ? ['the caller is repeated in the head'] : []),
    ...(head.every((line) => /^[\x20-\x7e]+$/.test(line)) ? [] : ['a header is not plain ASCII']),
    ...(status >= 300 && status < 400 ? ['a redirection'] : []),
    ...(headers['transfer-encoding'] === undefined ? [] : ['framed by transfer-encoding']),
  ];
}

function brokenByStatus(
  { operation, mayAsk, headers, status: only }: HostileRequest,
  { status }: WireResponse,
): string[] {
  const broken: string[] = [];
  if (operation.responses[status] === undefined) broken.push(`${status} is not documented`);
  const ownCredential = headers.some(([name]) => name.toLowerCase() === 'authorization');
  const isPublic = operation.rights.includes('public');
  if (!isPublic && (!mayAsk || ownCredential) && ![400, 401, 403].includes(status))
    broken.push(`${status} without the right`);
  if (mayAsk && only !== null && status !== only) broken.push(`${status} instead of ${only}`);
  return broken;
}

function brokenByVerdict({ operation, target }: HostileRequest, { status, headers, body }: WireResponse): string[] {
  const verdict = headers['gate-verdict'];
  if (!isGate(operation.id)) return verdict === undefined ? [] : ['a verdict where none was asked for'];
  if (verdict === undefined)
    return status < 400 || status === 409 || status === 429 || status === 423 ? [`${status} without a verdict`] : [];
  const broken = VERDICTS[status]?.includes(verdict) ? [] : [`${status} with the verdict ${verdict}`];
  const asDocument = /view=document/.test(target) || /"view":"document"/.test(body);
  const wantsDocument = asDocument || operation.id === 'postGate';
  return status === 200 && verdict !== 'promote' && !wantsDocument ? [...broken, `200 for ${verdict}`] : broken;
}

function brokenByRefusal(contract: Contract, request: HostileRequest, response: WireResponse): string[] {
  const { status, headers, body } = response;
  const type = headers['content-type'] ?? null;
  if (type !== 'application/problem+json') return [`a refusal as ${type}`];
  const problem = parsed(body);
  if (problem === null) return ['a refusal that is not JSON'];
  if (body.length > MOST_REFUSAL) return [`a refusal of ${body.length} characters`];
  const broken = [...contract.validateResponse(request.operation.id, status, type, problem)];
  if (problem.status !== status) broken.push('the status in the problem is another');
  if (problem.type !== `urn:ringgate:problem:${problem.code}`) broken.push('the type of the problem is another');
  if (problem.instance !== headers['x-request-id']) broken.push('the problem names another request');
  if (/ at .+\.[jt]s:\d+|node_modules|postgres|pglite|SQLSTATE/i.test(body))
    broken.push('the problem tells about the inside');
  return status === 400 ? [...broken, ...brokenByFields(request, problem)] : broken;
}

function brokenByFields({ pointers, mayAsk }: HostileRequest, { errors = [] }: Problem): string[] {
  if (errors.length === 0) return ['a 400 that names no field'];
  const strange = errors.filter(({ pointer }) => pointer !== '' && !pointer.startsWith('/'));
  const names = errors.map(({ pointer }) => pointer);
  const missed = mayAsk && pointers !== null && !pointers.some((pointer) => names.includes(pointer));
  return [
    ...strange.map(({ pointer }) => `${pointer} is no pointer`),
    ...(missed ? [`names ${names.slice(0, 5).join(', ')} instead of ${pointers.join(' or ')}`] : []),
  ];
}

function parsed(body: string): Problem | null {
  try {
    return JSON.parse(body) as Problem;
  } catch {
    return null;
  }
}
