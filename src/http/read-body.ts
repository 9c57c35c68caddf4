import express, { type Request, type Response } from 'express';
import { unwantedIn } from '../domain/audit/plain-text.ts';
import { type FieldError, GateError, invalid, pointerTo } from '../domain/errors.ts';
import type { RequestBody } from './document.ts';
import { HttpError } from './problem.ts';

/**
 * Bodies, read strictly: in the one media type of the operation, in UTF-8. In JSON, beside what the
 * schema says, nothing may come in that could not be stored, hashed or shown again: `__proto__` as a
 * key, control characters, half surrogates, numbers beyond a double, or nesting that would exhaust the
 * stack of whoever walks it. Of any other text the use case that understands it has to see to that.
 */
const MAX_DEPTH = 32;
const JSON_TYPE = 'application/json';

/** @returns the parsed JSON, the text or the signed bytes, undefined when there is none. @throws HttpError or GateError. */
export async function readBody(
  req: Request,
  res: Response,
  { type, limit, signed }: Pick<RequestBody, 'type' | 'limit' | 'signed'>,
): Promise<unknown> {
  if (!hasBody(req)) return undefined;
  requirePlainFraming(req, limit);
  requireType(req, type);
  const bytes = await readBytes(req, res, limit);
  if (bytes.length === 0) return undefined;
  if (signed) return bytes;
  const text = decode(bytes);
  return type === JSON_TYPE ? parseJson(text) : text;
}

function parseJson(text: string): unknown {
  const value = parsed(text);
  const errors = strangeIn(value, '', 0);
  if (errors.length > 0) throw invalid(errors);
  return value;
}

function hasBody(req: Request): boolean {
  return req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;
}

/**
 * Node reads the body of any coding that ends in chunks as if there were no other coding. And a body
 * that says it is too large is refused before it is sent: the reader would first wait for all of it.
 */
function requirePlainFraming({ headers }: Request, limit: number): void {
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') {
    throw invalid([{ pointer: '/header/Transfer-Encoding', message: 'must be chunked and nothing else' }]);
  }
  if (Number(headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
}

function tooLarge(limit: number): HttpError {
  return new HttpError('payload-too-large', `The body may have at most ${limit} bytes.`);
}

function requireType(req: Request, wanted: string): void {
  const [type = '', ...parameters] = (req.headers['content-type'] ?? '').toLowerCase().split(';');
  const charset = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith('charset='));
  const utf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset);
  if (type.trim() === wanted && utf8) return;
  throw new HttpError('unsupported-media-type', `Send the body with \`Content-Type: ${wanted}\`, in UTF-8.`);
}

async function readBytes(req: Request, res: Response, limit: number): Promise<Buffer> {
  const read = express.raw({ limit, type: () => true });
  await new Promise<void>((resolve, reject) => {
    read(req, res, (error?: unknown) => (error === undefined ? resolve() : reject(fromReader(error, limit))));
  });
  return Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
}

/** The reader's own messages are not passed on: they may repeat input. */
function fromReader(error: unknown, limit: number): Error {
  const status = (error as { status?: unknown }).status;
  if (status === 413) return tooLarge(limit);
  if (status === 415) return new HttpError('unsupported-media-type', 'The encoding of the body is not supported.');
  return unreadable('The body could not be read.', 'could not be read', error);
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw unreadable('The body is not UTF-8.', 'is not UTF-8', error);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unreadable('The body is not valid JSON.', 'is not JSON', error);
  }
}

function unreadable(detail: string, message: string, cause: unknown): GateError {
  return new GateError('invalid-request', detail, [{ pointer: '', message }], cause);
}

function strangeIn(value: unknown, pointer: string, depth: number): readonly FieldError[] {
  if (depth > MAX_DEPTH) return [{ pointer, message: `is nested more than ${MAX_DEPTH} deep` }];
  if (typeof value === 'number' && !Number.isFinite(value)) return [{ pointer, message: 'is too large a number' }];
  if (typeof value === 'string') return unwantedIn(value, pointer);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const at = pointerTo(pointer, key);
    if (key === '__proto__') return [{ pointer: at, message: 'is not a name that may be used' }];
    return [...unwantedIn(key, pointer), ...strangeIn(inner, at, depth + 1)];
  });
}
