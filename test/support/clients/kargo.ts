import { parse } from 'yaml';
import { durationMs } from '../../../src/domain/duration.ts';
import { ASKED_VERSION, type Dialect, type Heard, hourly, is2xx, jsonOf, member } from './dialect.ts';

/**
 * The step `http` of Kargo, after github.com/akuity/kargo: `pkg/promotion/runner/builtin/http_requester.go` (GET and 10s
 * unless said; failure is looked at before success; what meets neither runs on) and
 * `pkg/promotion/local_orchestrator.go` (what runs or errs is asked again with the next
 * reconciliation, every 5 minutes, errors until `errorThreshold`, which is 1 unless said).
 */
interface Step {
  readonly retry?: { readonly errorThreshold?: number };
  readonly config: {
    readonly method?: 'GET' | 'POST';
    readonly url: string;
    readonly headers?: readonly { readonly name: string; readonly value: string }[];
    readonly timeout?: string;
    readonly successExpression?: string;
    readonly failureExpression?: string;
  };
}

type Outcome = 'Succeeded' | 'Failed' | 'Running' | 'Errored';

export function kargo(text: string): Dialect {
  const stage = parse(text) as { spec: { promotionTemplate: { spec: { steps: [Step] } } } };
  const step = stage.spec.promotionTemplate.spec.steps[0];
  const { method = 'GET', url, headers = [], timeout = '10s' } = step.config;
  const sent = Object.fromEntries(headers.map(({ name, value }) => [name, value]));
  return {
    asks: { verdict: { method, url, headers: sent, timeoutMs: durationMs(timeout) } },
    reacts({ verdict }) {
      const outcome = outcomeOf(step, verdict);
      if (outcome === 'Succeeded') return 'on';
      if (outcome === 'Failed') return 'stops';
      const threshold = outcome === 'Errored' ? (step.retry?.errorThreshold ?? 1) : Number.POSITIVE_INFINITY;
      return hourly(12, (times) => (times >= threshold ? 'stops' : 'waits'));
    },
  };
}

function outcomeOf({ config }: Step, heard: Heard | undefined): Outcome {
  if (heard === undefined || 'failed' in heard) return 'Errored';
  const { successExpression, failureExpression } = config;
  if (failureExpression !== undefined && meets(failureExpression, heard)) return 'Failed';
  if (successExpression !== undefined && meets(successExpression, heard)) return 'Succeeded';
  if (successExpression !== undefined || failureExpression !== undefined) return 'Running';
  return is2xx(heard.status) ? 'Succeeded' : 'Running';
}

/** The part of its expressions that a recipe needs: comparisons of the status and of members of the body, all of them true. */
function meets(expression: string, { status, body }: Exclude<Heard, { failed: unknown }>): boolean {
  return expression.split(' && ').every((term) => {
    const [, wantedStatus] = /^response\.status == (\d+)$/.exec(term) ?? [];
    if (wantedStatus !== undefined) return status === Number(wantedStatus);
    const [, name = '', wanted] = /^response\.body\.(\w+) == '([^']+)'$/.exec(term) ?? [];
    if (wanted === undefined) throw new Error(`this expression is not understood here: ${term}`);
    return member(jsonOf(body), name) === wanted.replace(/\$\{\{ imageFrom\(.*\)\.Tag \}\}/, ASKED_VERSION);
  });
}
