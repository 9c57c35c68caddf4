/**
 * The only way out of the service, and the only importer of axios. Its defaults would wait for ever,
 * read without end, follow redirects into our own network and answer `data:` URLs, so every one of
 * them is set here. A failure is a value, and its text is made here from a fixed list: never from
 * the response's body, from the URL or from a header we sent.
 */
import axios, { AxiosError } from 'axios';
import type { UnavailableReason } from '../domain/measurement.ts';
import { ADDRESS_REFUSED, guardedAgents } from './address-guard.ts';

const MAX_ANSWER_BYTES = 1024 * 1024;
const MAX_REQUEST_BYTES = 256 * 1024;
/** Answers are a few hundred bytes: packing and unpacking them takes longer than sending them as they are. */
const PLAIN = { 'Accept-Encoding': 'identity' };
const FORM_HEADERS = { ...PLAIN, 'Content-Type': 'application/x-www-form-urlencoded' };
const JSON_HEADERS = { ...PLAIN, 'Content-Type': 'application/json' };

export interface HttpRequest {
  /** The provider's base URL, with or without a path prefix and a trailing slash. */
  readonly baseUrl: string;
  /** Fixed by us, appended to the prefix, e.g. `/api/v1/query`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface FormPost extends HttpRequest {
  readonly form: URLSearchParams;
}

export interface HttpAnswer {
  readonly kind: 'answer';
  readonly status: number;
  /** Lower case, without parameters; '' when absent. */
  readonly contentType: string;
  /** The answer's Date header as sent, or null. */
  readonly date: string | null;
  /** The headers Retry-After and X-RateLimit-Reset as sent, or null. */
  readonly retryAfter: string | null;
  readonly rateLimitReset: string | null;
  /** The header X-RateLimit-Remaining as sent, or null. */
  readonly rateLimitRemaining: string | null;
  readonly body: string;
}

export type HttpOutcome =
  | HttpAnswer
  | { readonly kind: 'failed'; readonly reason: UnavailableReason; readonly detail: string }
  | { readonly kind: 'deadline-exceeded' };

export interface HttpClient {
  /** Each sends one request and resolves with whatever came of it. Never rejects. */
  post(request: FormPost): Promise<HttpOutcome>;
  postJson(request: HttpRequest & { readonly document: unknown }): Promise<HttpOutcome>;
  get(request: HttpRequest): Promise<HttpOutcome>;
}

/** The base URL as it may be used, without trailing slashes; null when it is none of ours. */
export function usableBaseUrl(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return null;
  return (url.origin + url.pathname).replace(/\/+$/, '');
}

export function createHttpClient(): HttpClient {
  const client = axios.create({
    ...guardedAgents(),
    adapter: 'http',
    proxy: false,
    maxRedirects: 0,
    allowAbsoluteUrls: false,
    validateStatus: () => true,
    maxContentLength: MAX_ANSWER_BYTES,
    maxBodyLength: MAX_REQUEST_BYTES,
    decompress: true,
    responseType: 'text',
    transformRequest: [(body) => body],
    transformResponse: [(body) => body],
  });
  const send = async (request: HttpRequest, content: Content): Promise<HttpOutcome> => {
    const baseURL = usableBaseUrl(request.baseUrl);
    if (baseURL === null) return failed('misconfigured', 'the URL is not a plain http or https URL');
    try {
      const response = await client.request<string>({
        method: content.method,
        baseURL,
        url: request.path,
        headers: { ...request.headers, ...content.headers },
        ...(content.data === undefined ? {} : { data: content.data }),
        timeout: Math.max(1, Math.ceil(request.timeoutMs)),
        signal: request.signal,
      });
      return answerOf(response.status, response.headers, response.data);
    } catch (error) {
      return request.signal.aborted ? { kind: 'deadline-exceeded' } : outcomeOf(error);
    }
  };
  return {
    post: (request) => send(request, { method: 'POST', headers: FORM_HEADERS, data: request.form.toString() }),
    postJson: (request) =>
      send(request, { method: 'POST', headers: JSON_HEADERS, data: JSON.stringify(request.document) }),
    get: (request) => send(request, { method: 'GET', headers: PLAIN }),
  };
}

interface Content {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly data?: string;
}

function answerOf(status: number, headers: object, body: unknown): HttpAnswer {
  const header = (name: string) => {
    const value: unknown = Reflect.get(headers, name);
    return typeof value === 'string' ? value : null;
  };
  const contentType = (header('content-type') ?? '').split(';', 1)[0] ?? '';
  return {
    kind: 'answer',
    status,
    contentType: contentType.trim().toLowerCase(),
    date: header('date'),
    retryAfter: header('retry-after'),
    rateLimitReset: header('x-ratelimit-reset'),
    rateLimitRemaining: header('x-ratelimit-remaining'),
    body: typeof body === 'string' ? body : '',
  };
}

function failed(reason: UnavailableReason, detail: string): HttpOutcome {
  return { kind: 'failed', reason, detail };
}

const KNOWN: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was reset',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be looked up',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ERR_BAD_RESPONSE: 'the answer was cut off',
  ERR_STREAM_PREMATURE_CLOSE: 'the answer was cut off',
};

/** What an error from the client means. Only its code is passed on, never its message. */
function outcomeOf(error: unknown): HttpOutcome {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === AxiosError.ERR_CANCELED || code === AxiosError.ECONNABORTED) return { kind: 'deadline-exceeded' };
  if (code === ADDRESS_REFUSED) return failed('address-refused', 'the URL leads to an address that is always refused');
  // Cut off and too large share one code in axios; its message is the only difference.
  if (error instanceof Error && error.message.startsWith('maxContentLength')) {
    return failed('too-large', `the answer is larger than ${MAX_ANSWER_BYTES} bytes`);
  }
  if (code === AxiosError.ERR_BAD_REQUEST) {
    return failed('misconfigured', 'the query is too large to be sent');
  }
  if (code === 'ERR_INVALID_CHAR' || code === 'ERR_INVALID_HTTP_TOKEN') {
    return failed('misconfigured', 'a header or the credential has characters that cannot be sent');
  }
  if (code.startsWith('Z_')) return failed('not-json', 'the answer could not be decompressed');
  const known = KNOWN[code];
  if (known !== undefined) return failed('connection', known);
  return failed(
    'connection',
    /^[A-Z][A-Z0-9_]{2,60}$/.test(code) ? `the connection failed (${code})` : 'the connection failed',
  );
}
