import { BAD, BAD_SHARE, REQUESTS_PER_SECOND, RINGS } from './documents.ts';
import { type Instance, startInstance } from './instance.ts';
import { startPrometheus } from './prometheus-server.ts';
import type { Source } from './source.ts';

/** A real Prometheus that scrapes one simulated instance for each ring; null without a usable `prometheus` on the PATH. */
export async function prometheusSource(folder: string, stopped: AbortSignal): Promise<Source | null> {
  const instances = new Map<string, Instance>();
  for (const ring of RINGS) instances.set(ring, await startInstance());
  const stopInstances = async () => {
    for (const instance of instances.values()) await instance.stop();
  };
  const targets = Object.fromEntries([...instances].map(([ring, { target }]) => [ring, target]));
  const prometheus = await startPrometheus(folder, targets, stopped);
  if (prometheus === null) {
    await stopInstances();
    return null;
  }
  return {
    about: [
      `A prometheus is on the PATH, so the metrics are MEASURED: it listens on ${prometheus.url} and scrapes`,
      `three simulated instances of checkout, one for each ring, each with ${REQUESTS_PER_SECOND} requests a second.`,
    ],
    provider: { kind: 'prometheus', url: prometheus.url },
    deploying: 'Deploy it, here to the simulated instance, and report that:',
    awaits: 'a release bakes for 3 s in each ring, and the gate asks Prometheus about whole ten seconds.',
    deploy(ring, version) {
      instances.get(ring)?.deploy(version, version === BAD ? BAD_SHARE : 0);
      return [];
    },
    async stop() {
      await prometheus.stop();
      await stopInstances();
    },
  };
}
