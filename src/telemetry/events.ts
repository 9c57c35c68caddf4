import type { Events } from '../app/ports.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

/** One function per business event: a metric with few series, and a log line with everything that would make many. */
export function createEvents(metrics: Metrics, log: Log): Events {
  return {
    decided({ request, id, facts, verdict, cause, durationMs }) {
      metrics.decided(verdict, cause, durationMs / 1000);
      const question = facts?.question;
      const asked = question && {
        release: `${question.service}@${question.version}`,
        ring: question.ring,
        stage: question.stage,
      };
      log.info(
        {
          ...(request === null ? {} : who(request)),
          ...asked,
          decision: id,
          verdict,
          cause,
          durationMs: rounded(durationMs),
        },
        'decided',
      );
    },
    ...providerEvents(metrics, log),
    changed({ request, kind, subject }) {
      metrics.changed(kind);
      log.info({ ...who(request), kind, subject }, 'changed');
    },
    refused({ requestId, reason }) {
      metrics.refused();
      log.warn({ requestId, reason }, 'refused');
    },
  };
}

function providerEvents(metrics: Metrics, log: Log): Pick<Events, 'asked' | 'circuit'> {
  return {
    asked({ provider, outcome, source, durationMs }) {
      metrics.asked(provider, outcome, source, durationMs / 1000);
      const fields = { provider, outcome, source, durationMs: rounded(durationMs) };
      // What many callers share is warned of once.
      if (outcome === 'value' || outcome === 'no-data' || source !== 'asked') log.debug(fields, 'asked');
      else log.warn(fields, 'asked');
    },
    circuit({ provider, state }) {
      metrics.circuit(provider, state);
      if (state === 'open') log.warn({ provider, state }, 'circuit');
      else log.info({ provider, state }, 'circuit');
    },
  };
}

function who(request: Parameters<Events['changed']>[0]['request']) {
  const { principal, requestId, ip } = request;
  return { requestId, ip, caller: principal.name, callerKind: principal.kind };
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
