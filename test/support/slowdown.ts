const SAMPLE_MS = 100;

/**
 * How many times longer work takes now than the processor is busy with it: 1 on an idle machine, more
 * where other processes want the processor too. Bounds on time are multiplied by it, so that they
 * speak of the service and not of its neighbours.
 */
export function slowdown(): number {
  const used = process.cpuUsage();
  const began = performance.now();
  for (;;) {
    const { user, system } = process.cpuUsage(used);
    if (user + system >= SAMPLE_MS * 1000) return Math.max(1, (performance.now() - began) / SAMPLE_MS);
  }
}
