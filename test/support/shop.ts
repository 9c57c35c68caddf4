/**
 * A small shop in three rings, as Prometheus sees it: one /metrics page with a request counter per
 * version, ring and status. Traffic comes from a driver that the test controls: `tick` for exact
 * numbers, or `start` for a steady stream in real time.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ShopSetup {
  readonly service?: string;
  readonly rings?: readonly string[];
}

export interface Shop {
  readonly url: string;
  /** Replaces what runs in the ring: the counters of the new process start at 0, the old ones vanish. */
  deploy(ring: string, version: string): void;
  /** Nothing runs in the ring any more. */
  remove(ring: string): void;
  /** The share of a version's requests that fail, 0–1, in every ring. */
  setErrors(version: string, ratio: number): void;
  /** Requests per second in each ring, or in one. */
  setTraffic(rps: number, ring?: string): void;
  /** Lets this many seconds of traffic happen at once. */
  tick(seconds: number): void;
  /** Traffic flows in real time from now on. */
  start(): void;
  pause(): void;
  stop(): Promise<void>;
}

interface Process {
  readonly version: string;
  ok: number;
  failed: number;
}

const STEP_MS = 100;

export async function startShop(setup: ShopSetup = {}): Promise<Shop> {
  const service = setup.service ?? 'checkout';
  const rings = setup.rings ?? ['pilot', 'early', 'global'];
  const running = new Map<string, Process>();
  const errors = new Map<string, number>();
  const traffic = new Map(rings.map((ring) => [ring, 100]));
  let timer: NodeJS.Timeout | null = null;

  const tick = (seconds: number) => {
    for (const [ring, process] of running) {
      const requests = (traffic.get(ring) ?? 0) * seconds;
      const failed = requests * (errors.get(process.version) ?? 0);
      process.failed += failed;
      process.ok += requests - failed;
    }
  };
  const pause = () => {
    if (timer !== null) clearInterval(timer);
    timer = null;
  };
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(metricsText(service, running));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    deploy: (ring, version) => void running.set(ring, { version, ok: 0, failed: 0 }),
    remove: (ring) => void running.delete(ring),
    setErrors: (version, ratio) => void errors.set(version, ratio),
    setTraffic(rps, ring) {
      for (const name of ring === undefined ? rings : [ring]) traffic.set(name, rps);
    },
    tick,
    start() {
      let last = performance.now();
      timer ??= setInterval(() => {
        const now = performance.now();
        tick((now - last) / 1000);
        last = now;
      }, STEP_MS);
    },
    pause,
    stop() {
      pause();
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

/** Whole requests only; the failing ones are there from the beginning, with 0, so that the first error is seen. */
function metricsText(service: string, running: ReadonlyMap<string, Process>): string {
  const lines = ['# HELP http_requests_total Requests answered.', '# TYPE http_requests_total counter'];
  for (const [ring, { version, ok, failed }] of running) {
    const labels = `service="${service}",version="${version}",ring="${ring}"`;
    // The small addend keeps a sum like 9.999999999 from losing a whole request.
    lines.push(`http_requests_total{${labels},code="200"} ${Math.floor(ok + 1e-6)}`);
    lines.push(`http_requests_total{${labels},code="500"} ${Math.floor(failed + 1e-6)}`);
  }
  return `${lines.join('\n')}\n`;
}
