import { GateError } from '../../domain/errors.ts';
import { type Handlers, ok } from '../answer.ts';
import type { HttpContext } from '../app.ts';

/**
 * For those who run the service. Liveness never asks the database: restarting the service repairs no
 * database. Readiness asks whether a decision could be recorded now.
 */
export function systemHandlers(
  context: HttpContext,
  contractText: string,
): Pick<Handlers, 'getLivez' | 'getReadyz' | 'getMetrics' | 'getContract'> {
  return {
    getLivez: { handle: async () => ok({ status: 'live' }) },
    getReadyz: { handle: async () => readiness(context) },
    getMetrics: {
      handle: async () => ({ status: 200, text: await context.metrics.text(), type: context.metrics.contentType }),
    },
    getContract: { handle: async () => ({ status: 200, text: contractText, type: 'application/yaml' }) },
  };
}

async function readiness({ isDraining, ports }: HttpContext) {
  if (isDraining()) throw new GateError('unavailable', 'shutting down');
  const state = await ports.store.ready();
  if (!state.ready) throw new GateError('unavailable', state.reason);
  return ok({ status: 'ready' });
}
