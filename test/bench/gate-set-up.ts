import type { Role } from '../../src/app/ports.ts';
import { aRule, aServiceRule } from '../support/builders.ts';
import { requestText, type Target } from './connection.ts';

/** A gate that is set up over its API, as a caller with one token or, where it is allowed, none. */
export class GateSetUp {
  readonly #port: number;
  readonly #token: string | null;

  constructor(port: number, token: string | null = null) {
    this.#port = port;
    this.#token = token;
  }

  /** A path to be asked under load, as the text of its request. */
  request(path: string): string {
    const target: Target = { port: this.#port, path, token: this.#token };
    return requestText(target);
  }

  put(path: string, body: object): Promise<unknown> {
    return this.#call('PUT', path, body);
  }

  /** Asks the gate and insists on this verdict. */
  async ask(path: string, verdict: string): Promise<Record<string, unknown>> {
    const answer = (await this.#call('GET', `${path}${path.includes('?') ? '&' : '?'}view=document`)) as Record<
      string,
      unknown
    >;
    if (answer.verdict !== verdict) throw new Error(`${path} says ${answer.verdict}: ${answer.summary}`);
    return answer;
  }

  /** What the decision asked its providers. */
  async queriesOf(id: string): Promise<readonly { readonly query: string; readonly at: string }[]> {
    const { facts } = (await this.#call('GET', `/decisions/${id}`)) as {
      facts: { measurements: { query: string; at: string }[] };
    };
    return facts.measurements;
  }

  async newToken(role: Role): Promise<string> {
    const { token } = (await this.#call('POST', '/tokens', { name: `a-${role}`, role, expires: '1h' })) as {
      token: string;
    };
    return token;
  }

  async #call(method: string, path: string, body?: object): Promise<unknown> {
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (this.#token !== null) headers.authorization = `Bearer ${this.#token}`;
    const url = `http://127.0.0.1:${this.#port}${path}`;
    const answer = await fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return await answer.json();
  }
}

/** Three rings and two rules, one about the release and one about the whole service; `bake` is the first ring's. */
export async function putService(gate: GateSetUp, name: string, bake: string): Promise<void> {
  await gate.put(`/services/${name}`, {
    title: 'Checkout API',
    labels: { tier: '1', team: 'payments' },
    rings: [
      { name: 'canary', exposure: 0.01, bake, labels: { region: 'eu' } },
      { name: 'early', exposure: 0.09, bake: '1h' },
      { name: 'global', exposure: 0.9, bake: '1h' },
    ],
  });
  await gate.put(`/services/${name}/rules/errors`, aRule());
  await gate.put(`/services/${name}/rules/availability`, aServiceRule());
}

/** Two of 1,200 requests fail, whatever is asked. */
export function putRecordedProvider(gate: GateSetUp): Promise<unknown> {
  const answers = [
    { part: 'bad', value: '2' },
    { part: 'total', value: '1200' },
  ];
  return gate.put('/providers/main', { kind: 'recorded', answers });
}
