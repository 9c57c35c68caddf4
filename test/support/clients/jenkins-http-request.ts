import type { Dialect, Heard } from './dialect.ts';

/**
 * The step `httpRequest` of Jenkins, after github.com/jenkinsci/http-request-plugin: `HttpRequestExecution.java` (a host
 * that is not known is a 404; no connection, or no answer in time, a 408; a status outside `validResponseCodes` fails
 * the build) and `HttpRequest.java` (GET, 100:399, and no time-out unless said).
 */
export function jenkinsHttpRequest(text: string): Dialect {
  const said = (name: string) => new RegExp(`^\\s+${name}: ["']?(.*?)["']?,$`, 'm').exec(text)?.[1];
  const method = said('httpMode') === 'POST' ? 'POST' : 'GET';
  const authorization = /name: 'Authorization', value: "([^"]*)"/.exec(text)?.[1];
  const headers: Record<string, string> = authorization === undefined ? {} : { Authorization: authorization };
  const timeoutMs = Number(said('timeout') ?? Number.POSITIVE_INFINITY) * 1000;
  const ranges = rangesOf(said('validResponseCodes') ?? '100:399');
  return {
    asks: { verdict: { method, url: said('url') ?? '', headers, timeoutMs } },
    reacts({ verdict }) {
      const status = statusOf(verdict);
      return ranges.some(([from, to]) => status >= from && status <= to) ? 'on' : 'stops';
    },
  };
}

function statusOf(heard: Heard | undefined): number {
  return heard === undefined || 'failed' in heard ? 408 : heard.status;
}

function rangesOf(codes: string): readonly (readonly [number, number])[] {
  return codes.split(',').map((range) => {
    const [from = 0, to = from] = range.split(':').map(Number);
    return [from, to];
  });
}
