import { parse } from 'yaml';
import { ASKED_VERSION, type Dialect, is2xx, jsonOf, member } from './dialect.ts';

/**
 * The task InvokeRESTAPI@1, after github.com/microsoft/azure-pipelines-tasks: `Tasks/InvokeRestApiV1/task.json`
 * (its inputs and their defaults; without criteria the content does not matter), issue #5876 (an answer is waited for
 * 20s, whatever the task's time-out) and #20194 (a status that is no success fails it, and no criteria can see it).
 */
interface Inputs {
  readonly method?: 'GET' | 'POST';
  readonly urlSuffix: string;
  readonly headers?: string;
  readonly waitForCompletion?: string;
  readonly successCriteria?: string;
}

/** Sent unless `headers` says something else; what this stands for is the pipeline's own credential. */
const DEFAULT_HEADERS = '{ "Content-Type": "application/json", "AuthToken": "$(system.AccessToken)" }';

export function azurePipelines(text: string): Dialect {
  const file = parse(text) as { jobs: [{ steps: [{ inputs: Inputs }] }] };
  const { inputs } = file.jobs[0].steps[0];
  const headers = JSON.parse(inputs.headers ?? DEFAULT_HEADERS) as Record<string, string>;
  const url = `https://gate.example/${inputs.urlSuffix}`;
  return {
    asks: { verdict: { method: inputs.method ?? 'POST', url, headers, timeoutMs: 20_000 } },
    reacts({ verdict }) {
      if (inputs.waitForCompletion === 'true') throw new Error('the gate does not call back');
      if (verdict === undefined || 'failed' in verdict || !is2xx(verdict.status)) return 'stops';
      return passes(inputs.successCriteria, verdict.body) ? 'on' : 'stops';
    },
  };
}

function passes(criteria: string | undefined, body: string): boolean {
  if (criteria === undefined) return true;
  const terms = /^and\((.*)\)$/.exec(criteria)?.[1] ?? criteria;
  return terms.split(/(?<=\)), /).every((term) => {
    const [, name = '', wanted] = /^eq\(root\['(\w+)'\], '([^']+)'\)$/.exec(term) ?? [];
    if (wanted === undefined) throw new Error(`these criteria are not understood here: ${criteria}`);
    return member(jsonOf(body), name) === wanted.replace('$(version)', ASKED_VERSION);
  });
}
