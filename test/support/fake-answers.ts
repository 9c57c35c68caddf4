import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

/** What the fake says: a whole answer, or a function that misbehaves on the open response. */
export type FakeAnswer =
  | { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string | Buffer }
  | ((response: ServerResponse) => void);

const AT = 1_700_000_000;
const JSON_TYPE = { 'content-type': 'application/json' };

/** Any JSON document. */
export function json(document: unknown, status = 200, headers: Record<string, string> = {}): FakeAnswer {
  return { status, headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(document) };
}

/** Any text with any status and media type. */
export function text(body: string, status = 200, contentType = 'text/plain; charset=utf-8'): FakeAnswer {
  return { status, headers: { 'content-type': contentType }, body };
}

/** A successful answer with this `data`, and whatever else the envelope is to hold. */
export function success(resultType: string, result: unknown, envelope: Record<string, unknown> = {}): FakeAnswer {
  return json({ status: 'success', data: { resultType, result }, ...envelope });
}

/** One series with this value: `vector('12')`, `vector(0)`, `vector('NaN')`. */
export function vector(value: string | number, envelope: Record<string, unknown> = {}): FakeAnswer {
  return success('vector', [{ metric: {}, value: [AT, String(value)] }], envelope);
}

/** A well-formed answer with nothing in it. */
export function empty(envelope: Record<string, unknown> = {}): FakeAnswer {
  return success('vector', [], envelope);
}

export function severalSeries(
  values: readonly (string | number)[],
  envelope: Record<string, unknown> = {},
): FakeAnswer {
  const result = values.map((value, i) => ({ metric: { instance: `i${i}` }, value: [AT, String(value)] }));
  return success('vector', result, envelope);
}

export function scalar(value: string): FakeAnswer {
  return success('scalar', [AT, value]);
}

/** An error as the Prometheus API words it, with the status it uses for the type. */
export function apiError(errorType: string, error: string, status?: number): FakeAnswer {
  const usual: Record<string, number> = { bad_data: 400, execution: 422, timeout: 503, canceled: 499, not_found: 404 };
  return json({ status: 'error', errorType, error }, status ?? usual[errorType] ?? 500);
}

export function redirect(location: string, status = 302): FakeAnswer {
  return { status, headers: { location }, body: '' };
}

/** Headers and half of a body of known length, then the connection is cut. */
export const cutOff: FakeAnswer = (response) => {
  response.writeHead(200, { ...JSON_TYPE, 'content-length': '1000' });
  response.write('{"status":"success","data":', () => response.socket?.destroy());
};

/** The same, but with a TCP reset. */
export const resetMidBody: FakeAnswer = (response) => {
  response.writeHead(200, JSON_TYPE);
  response.write('{"status":"success","data":', () => response.socket?.resetAndDestroy());
};

/** The connection is closed before a single byte of an answer. */
export const hangUp: FakeAnswer = (response) => {
  response.socket?.destroy();
};

/** Accepts the request and never says anything. */
export const silent: FakeAnswer = () => undefined;

/** Starts an answer and then sends one byte at a time, for ever. */
export function drip(everyMs = 1000): FakeAnswer {
  return (response) => {
    response.writeHead(200, JSON_TYPE);
    response.write('{');
    const timer = setInterval(() => response.write(' '), everyMs);
    response.on('close', () => clearInterval(timer));
  };
}

/** Sends up to this many bytes, as fast as they are taken. */
export function flood(bytes: number): FakeAnswer {
  return (response) => {
    response.writeHead(200, JSON_TYPE);
    const chunk = Buffer.alloc(64 * 1024, ' ');
    let left = bytes;
    const more = () => {
      while (left > 0 && !response.destroyed) {
        left -= chunk.length;
        if (!response.write(chunk)) return void response.once('drain', more);
      }
      response.end();
    };
    more();
  };
}

/** A small compressed body that is this large when it is opened. */
export function gzipBomb(bytes: number): FakeAnswer {
  return {
    status: 200,
    headers: { ...JSON_TYPE, 'content-encoding': 'gzip' },
    body: gzipSync(Buffer.alloc(bytes, ' ')),
  };
}

/** The answer, compressed or given other headers. */
export function withHeaders(answer: FakeAnswer, headers: Record<string, string>): FakeAnswer {
  return typeof answer === 'function' ? answer : { ...answer, headers: { ...answer.headers, ...headers } };
}

export function gzipped(answer: FakeAnswer): FakeAnswer {
  if (typeof answer === 'function') return answer;
  return { ...answer, headers: { ...answer.headers, 'content-encoding': 'gzip' }, body: gzipSync(answer.body) };
}
