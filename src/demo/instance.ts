import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { REQUESTS_PER_SECOND } from './documents.ts';

/** A simulated instance of the service in one ring: a page of counters, and traffic that makes them grow. */
export interface Instance {
  /** `host:port`, as a scrape job takes it. */
  readonly target: string;
  /** Replaces what runs there. The counters of the new process begin at 0. */
  deploy(version: string, failing: number): void;
  stop(): Promise<void>;
}

const STEPS_PER_SECOND = 10;

export async function startInstance(): Promise<Instance> {
  let running: { version: string; failing: number; total: number } | null = null;
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
    response.end(running === null ? '' : page(running.version, running.total, running.failing));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const traffic = setInterval(() => {
    if (running !== null) running.total += REQUESTS_PER_SECOND / STEPS_PER_SECOND;
  }, 1000 / STEPS_PER_SECOND);
  return {
    target: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    deploy(version, failing) {
      running = { version, failing, total: 0 };
    },
    stop() {
      clearInterval(traffic);
      return closed(server);
    },
  };
}

/** The failing ones are there from the beginning, with 0, so that the first error is seen. */
function page(version: string, total: number, failing: number): string {
  const failed = Math.floor(total * failing);
  return `# TYPE http_requests_total counter
http_requests_total{version="${version}",code="200"} ${total - failed}
http_requests_total{version="${version}",code="500"} ${failed}
`;
}

async function closed(server: Server): Promise<void> {
  const end = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await end;
}
