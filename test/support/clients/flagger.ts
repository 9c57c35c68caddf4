import { parse } from 'yaml';
import { durationMs } from '../../../src/domain/duration.ts';
import { type Dialect, type Heard, hourly, type Reaction, type WebRequest } from './dialect.ts';

/**
 * Flagger's webhooks, after github.com/fluxcd/flagger: `pkg/controller/webhook.go` (a POST of name, namespace, phase,
 * checksum and metadata; 10s unless said; no answer, or a status above 202, is an error),
 * `scheduler_hooks.go` and `scheduler.go` (advanceCanary, runAnalysis).
 */
interface Hook {
  readonly name: string;
  readonly type: HookType;
  readonly url: string;
  readonly timeout?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The interval of an analysis is a minute unless said. */
const TICKS = 60;

type HookType =
  | 'confirm-rollout'
  | 'pre-rollout'
  | 'rollback'
  | 'rollout'
  | 'confirm-traffic-increase'
  | 'confirm-promotion'
  | 'post-rollout';

interface Canary {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly analysis: { readonly threshold?: number; readonly webhooks: readonly Hook[] } };
}

/** Before the canary runs nothing but confirm-rollout is called, and never for what is pushed into a running one: on an error the canary waits. */
export function flaggerBefore(text: string): Dialect {
  const canary = parse(text) as Canary;
  const hooks = canary.spec.analysis.webhooks.filter(({ type }) => type === 'confirm-rollout');
  const fails = ({ name }: Hook, heard: Record<string, Heard>) => isError(heard[name]);
  return {
    asks: requestsOf(canary, hooks, 'Waiting'),
    reacts: (heard) => hourly(TICKS, () => (hooks.some((hook) => fails(hook, heard)) ? 'waits' : 'on')),
  };
}

/**
 * While it analyses, in this order: rollback hooks, the count of failed checks, pre-rollout hooks as long as it has no
 * traffic, rollout hooks, then what confirms.
 */
export function flaggerDuring(text: string): Dialect {
  const canary = parse(text) as Canary;
  const hooks = canary.spec.analysis.webhooks.filter(
    ({ type }) => type !== 'confirm-rollout' && type !== 'post-rollout',
  );
  const threshold = canary.spec.analysis.threshold ?? 1;
  return {
    asks: requestsOf(canary, hooks, 'Progressing'),
    reacts(heard) {
      const of = (type: HookType) => hooks.filter((hook) => hook.type === type).map(({ name }) => heard[name]);
      let failedChecks = 0;
      return hourly(TICKS, (): Reaction => {
        if (of('rollback').some((each) => !isError(each))) return 'back';
        if (failedChecks >= threshold) return 'back';
        if ([...of('pre-rollout'), ...of('rollout')].some(isError)) {
          failedChecks += 1;
          return 'waits';
        }
        return [...of('confirm-traffic-increase'), ...of('confirm-promotion')].some(isError) ? 'waits' : 'on';
      });
    },
  };
}

/** What it tells when it is done with a canary; it goes on whatever it hears. */
export function flaggerAfter(text: string, phase: 'Succeeded' | 'Failed'): Record<string, WebRequest> {
  const canary = parse(text) as Canary;
  const hooks = canary.spec.analysis.webhooks.filter(({ type }) => type === 'post-rollout');
  return requestsOf(canary, hooks, phase);
}

function isError(heard: Heard | undefined): boolean {
  return heard === undefined || 'failed' in heard || heard.status > 202;
}

type Phase = 'Waiting' | 'Progressing' | 'Succeeded' | 'Failed';

function requestsOf(
  { metadata: { name, namespace } }: Canary,
  hooks: readonly Hook[],
  phase: Phase,
): Record<string, WebRequest> {
  const entries = hooks.map((hook): [string, WebRequest] => {
    const body = { name, namespace, phase, checksum: '6d4b8f5c7', metadata: hook.metadata };
    const timeoutMs = durationMs(hook.timeout ?? '10s');
    return [
      hook.name,
      { method: 'POST', url: hook.url, headers: { 'content-type': 'application/json' }, body, timeoutMs },
    ];
  });
  return Object.fromEntries(entries);
}
