import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parsePromql } from '../src/domain/promql.ts';
import { createMetrics } from '../src/telemetry/metrics.ts';
import { requireBinary } from './support/binaries.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const alerts = readFileSync(`${root}docker/alerts.yml`, 'utf8');
const dashboard = JSON.parse(readFileSync(`${root}docker/grafana-dashboard.json`, 'utf8')) as {
  readonly panels: readonly { readonly id: number; readonly title: string; readonly targets: readonly Target[] }[];
};

interface Target {
  readonly expr: string;
}

/** Every name that ringgate exports, with what a histogram adds to it. A scrape itself adds `up`. */
async function exported(): Promise<ReadonlySet<string>> {
  const metrics = createMetrics('1.0.0');
  metrics.watchPool(() => ({ total: 1, idle: 1, waiting: 0 }));
  const types = [...(await metrics.text()).matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  const names = types.flatMap(([, name = '', type]) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  );
  return new Set(['up', ...names]);
}

function promql(expr: string): string {
  return expr.replaceAll('$__rate_interval', '5m');
}

/** Names that are asked for and that nobody exports. */
function unknownIn(expressions: readonly string[], names: ReadonlySet<string>): readonly string[] {
  const asked = expressions.flatMap((expr) => promql(expr).match(/\b(?:ringgate|process|nodejs)_\w+|\bup\b/g) ?? []);
  return [...new Set(asked)].filter((name) => !names.has(name));
}

function promtool(...args: readonly string[]): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(requireBinary('promtool'), args, { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

describe('the alerts about ringgate', () => {
  const { groups } = parse(alerts) as { groups: { rules: { alert: string; expr: string }[] }[] };
  const rules = groups.flatMap((group) => group.rules);

  it('are rules that Prometheus takes, and fire when they should and only then', () => {
    expect(promtool('check', 'rules', `${root}docker/alerts.yml`).output).toContain(`${rules.length} rules found`);
    const tested = promtool('test', 'rules', `${root}test/fixtures/alerts.test.yml`);
    expect(tested.output).toContain('SUCCESS');
    expect(tested.status).toBe(0);
  });

  it('are each tested for firing', () => {
    const tests = readFileSync(`${root}test/fixtures/alerts.test.yml`, 'utf8');
    const { tests: cases } = parse(tests) as {
      tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[];
    };
    const fired = cases.flatMap(({ alert_rule_test: each }) => each).filter(({ exp_alerts: told }) => told.length > 0);
    expect(new Set(fired.map(({ alertname }) => alertname))).toEqual(new Set(rules.map(({ alert }) => alert)));
  });

  it('ask only for what ringgate exports', async () => {
    const names = await exported();
    expect(
      unknownIn(
        rules.map(({ expr }) => expr),
        names,
      ),
    ).toEqual([]);
    expect(unknownIn(['sum(ringgate_decision_total)'], names)).toEqual(['ringgate_decision_total']);
  });
});

describe('the dashboard', () => {
  const expressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

  it('has panels of their own ids and names, each with something to show', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    expect(new Set(dashboard.panels.map(({ title }) => title)).size).toBe(dashboard.panels.length);
    expect(dashboard.panels.filter(({ targets }) => targets.length === 0)).toEqual([]);
  });

  it('asks in PromQL, and only for what ringgate exports', async () => {
    expect(expressions.filter((expr) => parsePromql(promql(expr)).errorAt !== null)).toEqual([]);
    expect(unknownIn(expressions, await exported())).toEqual([]);
  });
});
