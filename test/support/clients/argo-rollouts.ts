import { parse } from 'yaml';
import { durationMs } from '../../../src/domain/duration.ts';
import { type Dialect, type Heard, hourly, is2xx, jsonOf, member, type Reaction } from './dialect.ts';

/**
 * The web metric of Argo Rollouts, after github.com/argoproj/argo-rollouts: `metricproviders/webmetric/webmetric.go`
 * (GET, 10s unless said, anything but 2xx is an error), `utils/evaluate/evaluate.go` (the two conditions) and
 * `analysis/analysis.go` (assessMetricStatus: which limit ends a metric, and what `count` counts; an error is measured
 * again after 10s);
 * `consecutiveSuccessLimit` after `docs/features/analysis.md` of 1.8.
 */
interface Metric {
  readonly interval?: string;
  readonly count?: number;
  readonly consecutiveSuccessLimit?: number;
  readonly failureLimit?: number;
  readonly inconclusiveLimit?: number;
  readonly consecutiveErrorLimit?: number;
  readonly successCondition?: string;
  readonly failureCondition?: string;
  readonly provider: {
    readonly web: {
      readonly url: string;
      readonly timeoutSeconds?: number;
      readonly headers: readonly { readonly key: string; readonly value: string }[];
      readonly jsonPath: string;
    };
  };
}

type Phase = 'Successful' | 'Failed' | 'Inconclusive' | 'Error';

/** An analysis that fails or errs aborts the rollout, which takes the traffic back; an inconclusive one pauses it. */
const REACTIONS: Readonly<Record<Phase, Reaction>> = {
  Successful: 'on',
  Failed: 'back',
  Inconclusive: 'pauses',
  Error: 'back',
};

export function argoRollouts(text: string): Dialect {
  const metric = (parse(text) as { spec: { metrics: [Metric] } }).spec.metrics[0];
  const { url, headers, timeoutSeconds = 10 } = metric.provider.web;
  const sent = Object.fromEntries(headers.map(({ key, value }) => [key, value]));
  return {
    asks: { verdict: { method: 'GET', url, headers: sent, timeoutMs: timeoutSeconds * 1000 } },
    reacts({ verdict }) {
      const phase = measured(metric, verdict);
      const everyMs = phase === 'Error' ? 10_000 : durationMs(metric.interval ?? '10s');
      return hourly(3_600_000 / everyMs, (times) => {
        const ended = assessed(metric, phase, times);
        return ended === null ? 'waits' : REACTIONS[ended];
      });
    },
  };
}

/** One measurement. */
function measured({ successCondition, failureCondition, provider }: Metric, heard: Heard | undefined): Phase {
  if (heard === undefined || 'failed' in heard || !is2xx(heard.status)) return 'Error';
  const path = /^\{\$\.(\w+)\}$/.exec(provider.web.jsonPath)?.[1];
  const result = path === undefined ? undefined : member(jsonOf(heard.body), path);
  if (result === undefined) return 'Error';
  const success = successCondition === undefined ? null : holds(successCondition, result);
  const failure = failureCondition === undefined ? null : holds(failureCondition, result);
  if (failure ?? success === false) return 'Failed';
  return (success ?? failure === false) || (success === null && failure === null) ? 'Successful' : 'Inconclusive';
}

/** What the metric has come to after so many measurements that were all alike; null while it goes on measuring. */
function assessed(metric: Metric, phase: Phase, times: number): Phase | null {
  if (phase === 'Error') return times > (metric.consecutiveErrorLimit ?? 4) ? 'Error' : null;
  if (phase === 'Inconclusive' && times > (metric.inconclusiveLimit ?? 0)) return 'Inconclusive';
  if (phase === 'Failed' && times > (metric.failureLimit ?? 0)) return 'Failed';
  const needed = metric.consecutiveSuccessLimit ?? 0;
  if (phase === 'Successful' && needed > 0 && times >= needed) return 'Successful';
  const count = metric.count ?? (metric.interval === undefined ? 1 : null);
  if (count === null || times < count) return null;
  return needed > 0 ? 'Inconclusive' : 'Successful';
}

function holds(condition: string, result: unknown): boolean {
  const compared = /^result == "(\w+)"$/.exec(condition)?.[1];
  if (compared === undefined) throw new Error(`this condition is not understood here: ${condition}`);
  return result === compared;
}
