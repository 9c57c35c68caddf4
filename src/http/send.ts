import type { Response } from 'express';
import type { Answer } from './answer.ts';
import { typeOf } from './check-response.ts';

/**
 * Writes an answer. Express's own `send` is not used: it would turn a matching `If-None-Match` into
 * 304 and choose framing and character sets by itself, and an answer of the gate is never a 3xx.
 */
export function send(res: Response, answer: Answer): void {
  const text = answer.json === undefined ? answer.text : JSON.stringify(answer.json);
  const type = typeOf(answer);
  res.status(answer.status);
  res.setHeader('Cache-Control', 'no-store');
  for (const [name, value] of Object.entries(answer.headers ?? {})) res.setHeader(name, value);
  if (type !== null) res.setHeader('Content-Type', type);
  if (text === undefined) {
    res.end();
    return;
  }
  const bytes = Buffer.from(text, 'utf8');
  res.setHeader('Content-Length', bytes.length);
  res.end(bytes);
}
