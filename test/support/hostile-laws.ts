/**
 * What every answer has to be, whatever was asked. Each function gives the laws that were broken, in
 * words; an empty list is what a test expects.
 */
import type { Contract } from '../../src/http/contract.ts';
import { brokenRefusal, isUnread, type Problem, problemIn } from './hostile-refusals.ts';
import type { HostileRequest } from './hostile-requests.ts';
import { MARKER } from './hostile-texts.ts';
import type { Exchange, WireResponse } from './hostile-wire.ts';

/** Names of headers that an answer may have; nothing that a caller sends may add one. */
const OWN_HEADERS = new Set(
  (
    'date connection keep-alive content-type content-length cache-control x-request-id allow ' +
    'etag last-modified location retry-after www-authenticate gate-verdict gate-question gate-decision ' +
    'gate-enforced gate-verdict-advised ' +
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

/** The verdicts that each view of Flagger tells with a 2xx; a body may name a view too, which is not looked at here. */
const GOES_AHEAD: Readonly<Record<string, readonly string[]>> = {
  'flagger-confirm': ['promote'],
  'flagger-check': ['promote', 'hold'],
  'flagger-rollback': ['rollback'],
};

/** True when something was recorded because of the request: exactly then one record may have been added. */
export function isAccepted({ operation, target }: HostileRequest, response: WireResponse): boolean {
  if (/^import/.test(operation.id) && target.includes('dryRun=true')) return false;
  if (isGate(operation.id)) return response.headers['gate-verdict'] !== undefined;
  if (ONLY_LOOKING.includes(operation.id)) return false;
  return operation.method !== 'get' && response.status < 300;
}

/** Posts that change nothing, so that nothing is recorded. */
const ONLY_LOOKING = ['checkProvider', 'previewRule'];

export function isGate(operationId: string): boolean {
  return operationId === 'getGate' || operationId === 'postGate';
}

/** Laws of the exchange as a whole and of its first answer. */
export function brokenLaws(contract: Contract, request: HostileRequest, { responses, rest, hung }: Exchange): string[] {
  const [response] = responses;
  if (hung) return ['not answered in time'];
  if (response === undefined) return ['connection ended without an answer'];
  const onlyOne = responses.length === 1 && rest === '' ? [] : ['more than one answer to one request'];
  if (isUnread(response)) {
    const wrongly = mayStopAtParser(request) ? [] : [`${response.status} for what can be read`];
    return [...onlyOne, ...brokenByHead(response), ...brokenRefusal(contract, response), ...wrongly];
  }
  return [
    ...onlyOne,
    ...brokenByHead(response),
    ...brokenByStatus(request, response),
    ...brokenByVerdict(request, response),
    ...(response.status >= 400 && response.headers['gate-verdict'] === undefined
      ? brokenByRefusal(contract, request, response)
      : []),
  ];
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
  { operation, target, mayAsk, headers, status: only }: HostileRequest,
  { status }: WireResponse,
): string[] {
  const broken: string[] = [];
  if (operation.responses[status] === undefined) broken.push(`${status} is not documented`);
  const ownCredential = headers.some(([name]) => name.toLowerCase() === 'authorization');
  const isPublic = operation.rights.includes('public');
  // Where the body itself says who sends it, it has to be there before anybody can be refused.
  const saysWho = operation.rights.includes('signed') || (operation.takesTokenInBody && /view=flagger-/.test(target));
  const before = saysWho ? [400, 401, 403, 406, 413, 415] : [400, 401, 403];
  if (!isPublic && (!mayAsk || ownCredential) && !before.includes(status)) broken.push(`${status} without the right`);
  if (mayAsk && only !== null && status !== only) broken.push(`${status} instead of ${only}`);
  return broken;
}

function brokenByVerdict({ operation, target }: HostileRequest, { status, headers, body }: WireResponse): string[] {
  const verdict = headers['gate-verdict'];
  if (!isGate(operation.id)) return verdict === undefined ? [] : ['a verdict where none was asked for'];
  if (verdict === undefined)
    return status < 400 || status === 409 || status === 429 || status === 423 ? [`${status} without a verdict`] : [];
  const flagger = GOES_AHEAD[/[?&]view=(flagger-\w+)/.exec(target)?.[1] ?? ''];
  if (flagger !== undefined)
    return (status === 200) === flagger.includes(verdict) ? [] : [`${status} to Flagger for ${verdict}`];
  const posted = operation.id === 'postGate' && status === 409;
  const broken = posted || VERDICTS[status]?.includes(verdict) ? [] : [`${status} with the verdict ${verdict}`];
  const asDocument = /view=document/.test(target) || /"view":"document"/.test(body);
  const wantsDocument = asDocument || operation.id === 'postGate';
  return status === 200 && verdict !== 'promote' && !wantsDocument ? [...broken, `200 for ${verdict}`] : broken;
}

function brokenByRefusal(contract: Contract, request: HostileRequest, response: WireResponse): string[] {
  const broken = brokenRefusal(contract, response);
  const problem = problemIn(response);
  if (problem === null) return broken;
  const type = response.headers['content-type'] ?? null;
  broken.push(...contract.validateResponse(request.operation.id, response.status, type, problem));
  return response.status === 400 ? [...broken, ...brokenByFields(request, problem)] : broken;
}

function brokenByFields({ pointers, mayAsk }: HostileRequest, { errors = [] }: Problem): string[] {
  const names = errors.map(({ pointer }) => pointer);
  const missed = mayAsk && pointers !== null && !pointers.some((pointer) => names.includes(pointer));
  return missed ? [`names ${names.slice(0, 5).join(', ')} instead of ${pointers.join(' or ')}`] : [];
}
