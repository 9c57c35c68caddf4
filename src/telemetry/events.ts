import type { Events } from '../app/ports.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

/** One function per business event: a metric with few series, and a log line with everything that would make many. */
export function createEvents(metrics: Metrics, log: Log): Events {
  return {
    decided(event) {
      metrics.decided(event.verdict, event.cause, event.durationMs / 1000);
      log.info(decisionFields(event), 'decided');
    },
    ...providerEvents(metrics, log),
    changed({ request, kind, subject }) {
      metrics.changed(kind);
      log.info({ ...who(request), kind, subject }, 'changed');
    },
    overridden({ request, ...use }) {
      for (const check of use.checks) metrics.overridden(check.split('/')[0] ?? check);
      log.warn({ ...who(request), ...use, checks: use.checks.join(' ') }, 'overridden');
    },
    github({ app, outcome, subject, reason }) {
      metrics.github(app, outcome);
      const fields = { kind: 'github', caller: app, outcome, subject, reason };
      if (reason === null) log.info(fields, 'github');
      else log.warn(fields, 'github');
    },
    refused({ requestId, reason }) {
      metrics.refused();
      log.warn({ requestId, reason }, 'refused');
    },
  };
}

function decisionFields({ request, id, facts, verdict, cause, durationMs }: Parameters<Events['decided']>[0]) {
  const question = facts?.question;
  const asked = question && {
    release: `${question.service}@${question.version}`,
    ring: question.ring,
    stage: question.stage,
  };
  const asker = request === null ? {} : who(request);
  return { ...asker, ...asked, decision: id, verdict, cause, durationMs: rounded(durationMs) };
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
