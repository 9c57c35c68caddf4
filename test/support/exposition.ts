/** A target that exposes one fixed text in Prometheus's format, for Prometheus to scrape. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Exposition {
  /** `host:port`, as a scrape job takes it. */
  readonly target: string;
  stop(): Promise<void>;
}

export async function startExposition(text: string): Promise<Exposition> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    target: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** A label value as the exposition format quotes it. It knows three escapes and cannot carry NUL. */
export function expositionValue(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
