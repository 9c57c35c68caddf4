import type { MetricProviders } from '../../src/app/ports.ts';
import type { ReadSecret } from '../../src/providers/credential.ts';
import { createProviders } from '../../src/providers/registry.ts';

/**
 * The real providers, and while `mistake.made` those of a build with the mistake that tables of uncertain
 * answers are there to find: what is not known counts as zero (of the usual total), and as fresh.
 */
export function zeroWhenMistaken(mistake: { readonly made: boolean }, readSecret: ReadSecret): MetricProviders {
  const real = createProviders({
    readSecret,
    events: { asked: () => undefined, circuit: () => undefined },
    nowMs: Date.now,
    monotonicMs: () => performance.now(),
    random: Math.random,
  });
  return {
    async ask(...question) {
      const measured = await real.ask(...question);
      const known = measured.measurement.kind === 'value' && measured.part !== 'age';
      const value = measured.part === 'total' ? '1000' : '0';
      return mistake.made && !known ? { ...measured, measurement: { kind: 'value', value } } : measured;
    },
  };
}
