import express, { type Request, type Response } from 'express';
import { GateError, invalid } from '../domain/errors.ts';
import { strangeIn } from '../domain/plain-json.ts';
import type { RequestBody } from './document.ts';
import { HttpError } from './problem.ts';

/**
 * Bodies, read strictly: in a media type of the operation, in UTF-8. In JSON, beside what the schema
 * says, nothing may come in that is strange (domain/plain-json.ts). Of any other text the use case that
 * understands it has to see to that.
 */
const JSON_TYPE = 'application/json';

/** The type is the one that it was sent in; the value the parsed JSON, the text or the signed bytes, undefined when there is none. */
export interface ReadBody {
  readonly type: string;
  readonly value: unknown;
}

/** @throws HttpError or GateError. */
export async function readBody(
  req: Request,
  res: Response,
  { media, limit, signed }: Pick<RequestBody, 'media' | 'limit' | 'signed'>,
): Promise<ReadBody | undefined> {
  if (!hasBody(req)) return undefined;
  requirePlainFraming(req, limit);
  const type = requireType(req, Object.keys(media));
  const bytes = await readBytes(req, res, limit);
  if (bytes.length === 0) return undefined;
  if (signed) return { type, value: bytes };
  const text = decode(bytes);
  return { type, value: type === JSON_TYPE ? parseJson(text) : text };
}

function parseJson(text: string): unknown {
  const value = parsed(text);
  const errors = strangeIn(value);
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

function requireType(req: Request, wanted: readonly string[]): string {
  const [type = '', ...parameters] = (req.headers['content-type'] ?? '').toLowerCase().split(';');
  const charset = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith('charset='));
  const utf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset);
  if (wanted.includes(type.trim()) && utf8) return type.trim();
  const types = wanted.map((each) => `\`Content-Type: ${each}\``).join(' or ');
  throw new HttpError('unsupported-media-type', `Send the body with ${types}, in UTF-8.`);
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
