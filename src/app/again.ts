import { GateError } from '../domain/errors.ts';

const ATTEMPTS = 5;

/**
 * Runs the attempt, and again while it gives null because the state changed under it.
 * @throws GateError `conflict` when it never kept still; nothing was recorded then. `what` names what keeps changing.
 */
export async function again<T>(what: string, attempt: () => Promise<T | null>): Promise<T> {
  for (let tries = 1; tries <= ATTEMPTS; tries += 1) {
    const result = await attempt();
    if (result !== null) return result;
  }
  throw new GateError('conflict', `${what} keeps changing right now; nothing was recorded, send the request again`);
}
