import { describe, expect, it } from 'vitest';
import type { RequestContext } from '../../src/app/ports.ts';
import { createEvents } from '../../src/telemetry/events.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';

const request: RequestContext = {
  principal: { kind: 'token', id: 't-1', name: 'ci', roles: ['pipeline'], changes: ['standard'] },
  requestId: 'r-1',
  ip: '192.0.2.7',
};

function parts() {
  const lines: string[] = [];
  const metrics = createMetrics('1.2.3');
  const events = createEvents(metrics, createLog('debug', { write: (line) => lines.push(line) }));
  return { events, metrics, lines: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

describe('a business event', () => {
  it('counts a decision by verdict and cause, and logs who asked', async () => {
    const { events, metrics, lines } = parts();
    events.decided({ request, id: 'd-1', facts: null, verdict: 'hold', cause: 'baking', durationMs: 12.34 });
    expect(await metrics.text()).toContain('ringgate_decisions_total{verdict="hold",cause="baking"} 1');
    expect(lines()).toEqual([
      expect.objectContaining({
        msg: 'decided',
        decision: 'd-1',
        verdict: 'hold',
        cause: 'baking',
        caller: 'ci',
        requestId: 'r-1',
        durationMs: 12.3,
      }),
    ]);
  });

  it('counts what providers answered, and warns only of answers that are none', async () => {
    const { events, metrics, lines } = parts();
    events.asked({ provider: 'main', outcome: 'value', source: 'asked', durationMs: 5 });
    events.asked({ provider: 'main', outcome: 'server-error', source: 'asked', durationMs: 3000 });
    const text = await metrics.text();
    expect(text).toContain('ringgate_provider_queries_total{provider="main",outcome="server-error",source="asked"} 1');
    expect(text).toContain('ringgate_provider_query_duration_seconds_sum{provider="main"} 3.005');
    expect(lines().map((line) => line.level)).toEqual(['debug', 'warn']);
  });

  it('counts each check that an override waived, and warns with all that tells which', async () => {
    const { events, metrics, lines } = parts();
    const use = { override: 'o-1', decision: 'd-1', release: 'checkout@1', ring: 'early' };
    events.overridden({ request, ...use, checks: ['bake', 'rule/errors', 'rule/latency'] });
    const text = await metrics.text();
    expect(text).toContain('ringgate_override_uses_total{check="bake"} 1');
    expect(text).toContain('ringgate_override_uses_total{check="rule"} 2');
    expect(lines()).toEqual([
      expect.objectContaining({ level: 'warn', msg: 'overridden', ...use, checks: 'bake rule/errors rule/latency' }),
    ]);
  });

  it('counts what callers share apart: no query of theirs took time, and one warning is enough', async () => {
    const { events, metrics, lines } = parts();
    events.asked({ provider: 'main', outcome: 'server-error', source: 'shared', durationMs: 3000 });
    events.asked({ provider: 'main', outcome: 'value', source: 'kept', durationMs: 0 });
    const text = await metrics.text();
    expect(text).toContain('ringgate_provider_queries_total{provider="main",outcome="value",source="kept"} 1');
    expect(text).not.toContain('ringgate_provider_query_duration_seconds_sum{provider="main"}');
    expect(lines().map(({ level, source }) => [level, source])).toEqual([
      ['debug', 'shared'],
      ['debug', 'kept'],
    ]);
  });

  it('shows whether a provider is left alone, and warns when that begins', async () => {
    const { events, metrics, lines } = parts();
    for (const [state, value] of Object.entries({ closed: 0, open: 2, 'half-open': 1 })) {
      events.circuit({ provider: 'main', state: state as 'open' });
      expect(await metrics.text()).toContain(`ringgate_provider_circuit{provider="main"} ${value}`);
    }
    expect(lines().map(({ level, state }) => [level, state])).toEqual([
      ['info', 'closed'],
      ['warn', 'open'],
      ['info', 'half-open'],
    ]);
  });

  it('counts what becomes of deployments at GitHub, and warns of what goes wrong with them', async () => {
    const { events, metrics, lines } = parts();
    events.github({ app: 'octo', outcome: 'approved', subject: 'https://github.example/run/1', reason: null });
    events.github({ app: 'octo', outcome: 'failed', subject: 'octo/checkout', reason: 'the connection was reset' });
    const text = await metrics.text();
    for (const outcome of ['approved', 'failed'])
      expect(text).toContain(`ringgate_github_requests_total{app="octo",outcome="${outcome}"} 1`);
    expect(lines().map(({ level, reason }) => [level, reason])).toEqual([
      ['info', null],
      ['warn', 'the connection was reset'],
    ]);
  });

  it('keeps what has many values out of the labels', async () => {
    const { events, metrics, lines } = parts();
    events.decided({ request, id: 'd-1', facts: null, verdict: 'promote', cause: 'baked', durationMs: 1 });
    events.changed({ request, kind: 'put-config', subject: 'rule/checkout/errors' });
    events.refused({ requestId: 'r-9', reason: 'unknown token' });
    const text = await metrics.text();
    for (const detail of ['d-1', 'r-1', 'r-9', '192.0.2.7', 'checkout', 'unknown token', '"ci"'])
      expect(text).not.toContain(detail);
    expect(lines().map((line) => line.msg)).toEqual(['decided', 'changed', 'refused']);
  });
});

describe('the metrics', () => {
  it('say the version, the event loop, requests, batches and the pool as it is when asked', async () => {
    const { metrics } = parts();
    const pool = { total: 4, idle: 3, waiting: 0 };
    metrics.watchPool(() => pool);
    metrics.request('askGate', 429, 0.02);
    metrics.committed(32);
    pool.waiting = 7;
    const text = await metrics.text();
    for (const line of [
      'ringgate_info{version="1.2.3"} 1',
      'ringgate_http_requests_total{operation="askGate",status="429"} 1',
      'ringgate_commit_batch_size_sum 32',
      'ringgate_pool_connections{state="waiting"} 7',
      'nodejs_eventloop_lag_seconds',
    ]) {
      expect(text).toContain(line);
    }
    expect(metrics.contentType).toContain('text/plain');
  });

  it('of two gates in one process do not mix', async () => {
    const [one, two] = [parts(), parts()];
    one.metrics.committed(5);
    expect(await two.metrics.text()).toContain('ringgate_commit_batch_size_sum 0');
  });
});
