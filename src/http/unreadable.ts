import { type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { GateError } from '../domain/errors.ts';
import type { Answer } from './answer.ts';
import { HttpError, type Problem } from './problem.ts';

/**
 * What never becomes a request, because it cannot be read as HTTP or does not come in time. There is no response
 * object to answer with, only the socket, and what goes over it must not be taken for the answer to an earlier
 * request: those are answered first. Afterwards the connection ends, since nobody knows where a next request begins.
 */
export function refuseUnreadable(server: Server, answerTo: (error: Error, ip: string | undefined) => Answer): void {
  const open = new WeakMap<Duplex, Set<ServerResponse>>();
  server.on('request', (req, res) => {
    const responses = open.get(req.socket) ?? new Set();
    open.set(req.socket, responses.add(res));
    res.once('close', () => responses.delete(res));
  });
  const refuse = (error: Error, socket: Socket) => {
    const finish = () => {
      if (socket.writable) write(socket, answerTo(error, socket.remoteAddress));
      socket.destroySoon();
    };
    const earlier = [...(open.get(socket) ?? [])].findLast(({ req }) => req.complete);
    if (earlier === undefined) finish();
    else earlier.once('close', finish);
  };
  server.on('clientError', (error: ParserError, socket) => refuse(reasonOf(error), socket as Socket));
  server.on('connect', (_req, socket) => {
    socket.on('error', () => undefined);
    refuse(NO_PROXY, socket as Socket);
  });
}

interface ParserError extends Error {
  readonly code?: string;
  /** The parser's own words: fixed ones, nothing of what was sent. */
  readonly reason?: string;
}

const NO_PROXY = new HttpError('method-not-allowed', 'This is no proxy.', { Allow: 'GET, PUT, POST, DELETE' });
const TOO_LARGE = 'The request line and the headers together may have at most 16 KiB. Send less in them.';
const TOO_LATE = 'The request did not come in time. Send it again, all of it at once.';
const UNREADABLE = 'Let an HTTP client write the request, over plain HTTP.';

/** Where the mistake is, for the mistakes that have a place. */
const POINTERS: Readonly<Record<string, string>> = {
  HPE_INVALID_URL: '/path',
  HPE_INVALID_HEADER_TOKEN: '/header',
  HPE_CR_EXPECTED: '/header',
  HPE_LF_EXPECTED: '/header',
  HPE_INVALID_CONTENT_LENGTH: '/header/Content-Length',
  HPE_UNEXPECTED_CONTENT_LENGTH: '/header/Content-Length',
  HPE_INVALID_TRANSFER_ENCODING: '/header/Transfer-Encoding',
};

/** A connection that failed comes here too; it cannot be written to any more, so nobody is told. */
function reasonOf({ code = '', reason = 'unreadable' }: ParserError): Error {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new HttpError('request-timeout', TOO_LATE);
  if (code === 'HPE_HEADER_OVERFLOW') return new HttpError('headers-too-large', TOO_LARGE);
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return new HttpError('payload-too-large', `${reason}. Leave them out.`);
  const wrong = { pointer: POINTERS[code] ?? '', message: reason };
  return new GateError('invalid-request', `This is not HTTP/1.1 (${reason}). ${UNREADABLE}`, [wrong]);
}

function write(socket: Socket, answer: Answer): void {
  const { headers, text } = wireForm(answer);
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}\r\n${head.join('')}\r\n${text}`);
}

/** A problem as headers and body, for the last answer of a connection. */
export function wireForm({ json, type, headers }: Answer) {
  const text = JSON.stringify(json);
  return {
    text,
    headers: {
      ...headers,
      'X-Request-Id': (json as Problem).instance,
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'no-store',
      'Content-Type': type ?? 'application/problem+json',
      'Content-Length': String(Buffer.byteLength(text)),
      Connection: 'close',
    },
  };
}
