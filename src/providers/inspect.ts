import type { ProviderInspection, ProviderInspector } from '../app/ports.ts';
import { type ReadSecret, readCredential } from './credential.ts';
import { createHttpClient, type HttpAnswer } from './http.ts';
import { isRecord, printable } from './printable.ts';
import { headersOf } from './prometheus.ts';

const NOTHING: ProviderInspection = { version: null, clockOffsetSeconds: null };
const VERSION = /^[\w.+~-]{1,60}$/;

/**
 * What a provider says about itself when somebody tries it: its version (Prometheus's
 * `/api/v1/status/buildinfo`, which most of its kin have too) and its clock. Asked past the queues of
 * the gate, because it decides nothing; of the answer only the version is ever passed on.
 */
export function createInspector(options: {
  readonly readSecret: ReadSecret;
  readonly nowMs: () => number;
}): ProviderInspector {
  const http = createHttpClient();
  return {
    async inspect(document, withinMs) {
      if (document.kind !== 'prometheus' || document.url === undefined) return NOTHING;
      try {
        const credential = await readCredential(document.auth, options.readSecret);
        const answer = await http.get({
          baseUrl: document.url,
          path: '/api/v1/status/buildinfo',
          headers: headersOf(document, credential.authorization),
          timeoutMs: withinMs,
          signal: AbortSignal.timeout(Math.max(1, Math.ceil(withinMs))),
        });
        if (answer.kind !== 'answer') return NOTHING;
        return {
          version: versionIn(answer, credential.secrets),
          clockOffsetSeconds: offsetOf(answer, options.nowMs()),
        };
      } catch {
        return NOTHING;
      }
    },
  };
}

function versionIn(answer: HttpAnswer, secrets: readonly string[]): string | null {
  if (answer.status !== 200 || answer.contentType !== 'application/json') return null;
  const body: unknown = parsed(answer.body);
  const data = isRecord(body) ? body.data : null;
  const version = isRecord(data) ? printable(data.version, secrets) : '';
  return VERSION.test(version) ? version : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** HTTP dates have no fractions: half a second is added on average, so that a clock that agrees shows 0. */
function offsetOf({ date }: HttpAnswer, nowMs: number): number | null {
  const stated = date === null ? Number.NaN : Date.parse(date);
  return Number.isNaN(stated) ? null : Math.round((stated + 500 - nowMs) / 1000);
}
