import { type Connection, requestText } from './connection.ts';
import type { GateSetUp } from './gate-set-up.ts';

/** A query as a decision has recorded it. */
export interface Query {
  readonly query: string;
  readonly at: string;
}

/** For every ask another provider to the gate, so that no answer is known; Prometheus does not mind the parameter. */
export function putProvider(gate: GateSetUp, url: string, run: number): Promise<unknown> {
  return gate.put('/providers/main', { kind: 'prometheus', url, params: { run: String(run) } });
}

/** The text of the request that asks Prometheus itself. */
export function direct(port: number, { query, at }: Query): string {
  return requestText({ port, path: '/api/v1/query', form: new URLSearchParams({ query, time: at }) });
}

/** Milliseconds until the whole answer is there, which must be a 200 with this verdict. */
export async function timed(
  connection: Connection | undefined,
  request: string,
  verdict: string | null,
): Promise<number> {
  const begun = performance.now();
  const answer = await connection?.ask(request);
  if (answer?.status !== 200 || answer.verdict !== verdict)
    throw new Error(`${answer?.status} ${answer?.body.toString('utf8').slice(0, 400)}`);
  return performance.now() - begun;
}
