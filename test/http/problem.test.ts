import { describe, expect, it } from 'vitest';
import { GateError, invalid } from '../../src/domain/errors.ts';
import { HttpError, isOurs, PROBLEMS, type ProblemCode, problemAnswer } from '../../src/http/problem.ts';
import { contract } from '../support/contract.ts';

const STATUS: Record<ProblemCode, number> = {
  'invalid-request': 400,
  unauthenticated: 401,
  forbidden: 403,
  'foreign-origin': 403,
  'not-found': 404,
  'method-not-allowed': 405,
  'not-acceptable': 406,
  'request-timeout': 408,
  'in-use': 409,
  conflict: 409,
  'precondition-failed': 412,
  'payload-too-large': 413,
  'unsupported-media-type': 415,
  'idempotency-mismatch': 422,
  'expectation-failed': 417,
  'headers-too-large': 431,
  'internal-error': 500,
  unavailable: 503,
};

describe('a problem', () => {
  it.each(Object.entries(STATUS) as [ProblemCode, number][])('of the code %s is a %i', (code, status) => {
    expect(PROBLEMS[code].status).toBe(status);
  });

  it('carries the type, title, status, detail, request id, code and every wrong field', () => {
    const answer = problemAnswer(invalid([{ pointer: '/rings/0/bake', message: 'is missing' }]), 'request-7');
    expect(answer).toEqual({
      status: 400,
      type: 'application/problem+json',
      headers: {},
      json: {
        type: 'urn:ringgate:problem:invalid-request',
        title: 'The request is not valid',
        status: 400,
        detail: '/rings/0/bake: is missing',
        instance: 'request-7',
        code: 'invalid-request',
        errors: [{ pointer: '/rings/0/bake', message: 'is missing' }],
      },
    });
    const reasons = contract.validateResponse('getGate', 400, 'application/problem+json', answer.json);
    expect(reasons).toEqual([]);
  });

  it.each([
    ['a defect', new TypeError('cannot read 10.1.2.3:5432')],
    ['an error of a library that has a status of its own', Object.assign(new Error('10.1.2.3'), { status: 404 })],
    ['something thrown that is no error', 'postgres://user:secret@10.1.2.3'],
    ['nothing', undefined],
    ['a store that is away', new GateError('unavailable', 'connect ECONNREFUSED 10.1.2.3:5432')],
    ['a defect of ours in HTTP', new HttpError('internal-error', '10.1.2.3')],
  ])('tells nothing of the inside for %s', (_, error) => {
    const answer = problemAnswer(error, 'request-7');
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(isOurs(error)).toBe(true);
    expect(JSON.stringify(answer)).not.toMatch(/10\.1\.2\.3|secret|cannot read/);
  });

  it('says how to authenticate, when to come back and what is allowed', () => {
    const header = (error: unknown) => problemAnswer(error, 'r').headers;
    expect(header(new GateError('unauthenticated', 'x'))).toEqual({ 'WWW-Authenticate': 'Bearer realm="ringgate"' });
    expect(header(new GateError('unavailable', 'x'))).toEqual({ 'Retry-After': '5' });
    expect(header(new HttpError('method-not-allowed', 'x', { Allow: 'GET' }))).toEqual({ Allow: 'GET' });
  });
});
