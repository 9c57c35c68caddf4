/** What every refusal has to be, wherever it comes from: from an operation, or from before anything could be read. */
import type { Contract } from '../../src/http/contract.ts';
import { type Check, Schemas } from '../../src/http/schemas.ts';
import type { WireResponse } from './hostile-wire.ts';

export interface Problem {
  readonly type: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: string;
  readonly errors?: readonly { readonly pointer: string; readonly message: string }[];
}

/** A refusal that grows with what it refuses would be a means to make the gate work. */
const MOST_REFUSAL = 70_000;
const INSIDE = / at .+\.[jt]s:\d+|node_modules|postgres|pglite|SQLSTATE|HPE_/i;
const checks = new Map<Contract, Check>();

/** The laws that a refusal breaks, in words. */
export function brokenRefusal(contract: Contract, response: WireResponse): string[] {
  const { status, headers, body } = response;
  const problem = problemIn(response);
  if (problem === null) return [`${status} as ${headers['content-type']}, which is no problem`];
  const broken = checkFor(contract)(problem).map(({ pointer, message }) => `the problem: ${pointer} ${message}`);
  const { errors = [], detail = '' } = problem;
  if (body.length > MOST_REFUSAL) broken.push(`a refusal of ${body.length} characters`);
  if (problem.status !== status) broken.push('the status in the problem is another');
  if (problem.type !== `urn:ringgate:problem:${problem.code}`) broken.push('the type of the problem is another');
  if (problem.instance !== headers['x-request-id']) broken.push('the problem names another request');
  if (detail.length < 10) broken.push('the problem does not say what is wrong');
  if (INSIDE.test(body)) broken.push('the problem tells about the inside');
  if (status === 400 && errors.length === 0) broken.push('a 400 that names no field');
  const strange = errors.filter(({ pointer }) => pointer !== '' && !pointer.startsWith('/'));
  return [...broken, ...strange.map(({ pointer }) => `${pointer} is no pointer`)];
}

/** Null when it is not sent as one, or is no JSON. */
export function problemIn({ headers, body }: WireResponse): Problem | null {
  if (headers['content-type'] !== 'application/problem+json') return null;
  try {
    return JSON.parse(body) as Problem;
  } catch {
    return null;
  }
}

/** True for what was refused before anybody knew which operation was meant. */
export function isUnread(response: WireResponse): boolean {
  const problem = problemIn(response);
  return response.status === 431 || (problem?.detail?.startsWith('This is not HTTP/1.1') ?? false);
}

function checkFor(contract: Contract): Check {
  const known = checks.get(contract);
  if (known !== undefined) return known;
  const check = new Schemas(contract.document.root).check({ $ref: '#/components/schemas/Problem' });
  checks.set(contract, check);
  return check;
}
