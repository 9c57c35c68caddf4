/** Rules and services of every shape that the contract lets pass, whether they make sense or not. */
import fc from 'fast-check';
import type { RuleDocument } from '../../src/domain/rule.ts';
import type { ServiceDocument } from '../../src/domain/service.ts';

const name = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
const text = (maxLength: number) =>
  fc
    .oneof(
      fc.string({ unit: 'binary', maxLength }),
      fc.string({ maxLength }),
      fc.constantFrom('null', 'yes', '1e3', '~', '', ' x ', 'a: b', '# c', '- d', '"', "'", '\ttab', 'x\n\n y\n', '{}'),
    )
    .map((each) =>
      each
        .toWellFormed()
        .replace(/[\p{Cc}--[\n\t]]/gv, '')
        .slice(0, maxLength),
    );
const count = fc.nat({ max: 120 }).map((n) => n + 1);
const duration = fc.oneof(
  fc.tuple(count, fc.constantFrom('ms', 's', 'm', 'h', 'd', 'w', 'y')).map(([n, unit]) => `${n}${unit}`),
  fc.constantFrom('1h30m', '0s', '1d12h', '90s', '007m', '1w1d'),
);
const share = fc.double({ min: 1e-6, max: 0.999_999, noNaN: true });
const query = fc.oneof(
  text(60),
  fc.constantFrom(
    'sum(increase(http_requests_total{service="${service}",code=~"5.."}[${window}]))',
    'sum(\n  increase(a{b!~"\\\\d"}[${window}])\n)\n',
    'http_requests_total',
    'sum(increase(a{version="${version}",ring="${ring}"}[${window}]))',
  ),
);
const provider = fc.oneof(name, fc.constantFrom('${labels.region}', '${labels._x}'));
const ratio = fc
  .tuple(provider, fc.constantFrom('bad', 'good'), query, query)
  .map(([from, part, events, total]) => ({ kind: 'ratio', provider: from, [part]: events, total }));
const threshold = fc.record({ kind: fc.constant('threshold'), provider, query });
const datadogSlo = fc.record({
  kind: fc.constant('datadog-slo'),
  provider,
  sloId: fc.stringMatching(/^[0-9a-f]{32}$/),
});
const datadogMonitor = fc.record(
  { kind: fc.constant('datadog-monitor'), provider, monitorId: count, group: fc.constant('version:${version}') },
  { requiredKeys: ['kind', 'provider', 'monitorId'] },
);
const bound = fc.record(
  { above: fc.double({ noNaN: true, noDefaultInfinity: true }), below: share },
  { requiredKeys: [] },
);
const limits = fc.record({ window: duration, hold: bound, rollback: bound, for: duration }, { requiredKeys: [] });
const calendar = fc.record({
  calendar: fc.constantFrom('day', 'week', 'month', 'quarter', 'year'),
  timeZone: fc.constantFrom('Europe/Berlin', 'UTC', 'America/New_York'),
});
const slices = fc.record({ window: duration, target: share }, { requiredKeys: ['window'] });
const objective = fc.record(
  { target: share, window: fc.oneof(duration, calendar), slices },
  { requiredKeys: ['target'] },
);
const pair = fc.record(
  { long: duration, short: duration, factor: share, verdict: fc.constantFrom('hold', 'rollback') },
  { requiredKeys: ['long', 'short', 'factor'] },
);
const burnRates = fc.oneof(
  fc.constantFrom('google-30d', 'google-28d'),
  fc.array(pair, { minLength: 1, maxLength: 10 }),
);
const exempt = fc.subarray(['emergency', 'security']);
const budget = fc.record({ holdBelow: fc.oneof(fc.constant(0), share), exempt }, { requiredKeys: ['holdBelow'] });
const names = fc.array(name, { minLength: 1, maxLength: 3 });

/** Burn rates come with an objective only, as rules need it. */
export const randomRule: fc.Arbitrary<RuleDocument> = fc
  .record(
    {
      description: text(2000),
      mode: fc.constantFrom('enforce', 'hold-only', 'observe'),
      measuredIn: names,
      guards: names,
      attribution: fc.oneof(fc.constant('release'), fc.record({ ring: name })),
      indicator: fc.oneof(ratio, ratio, threshold, datadogSlo, datadogMonitor),
      limits,
      objective,
      burnRates,
      budget,
      minEvents: count,
      minBad: count,
      maxAge: duration,
      absentBadMeansZero: fc.boolean(),
      uncertain: fc.record({ 'too-few-events': fc.record({ promoteAfter: duration }) }),
    },
    { requiredKeys: ['indicator'] },
  )
  .map((rule) => JSON.parse(JSON.stringify(rule)));

const labels = fc.dictionary(fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,80}$/), text(60), { maxKeys: 3 });

export const randomService: fc.Arbitrary<ServiceDocument> = fc
  .record(
    {
      title: text(200),
      labels,
      deployments: fc.constantFrom('assumed', 'reported'),
      concurrency: fc.constantFrom('queue', 'supersede'),
      allowUnmeasured: fc.boolean(),
      enforcement: fc.constantFrom('enforce', 'advise'),
      rollbackWithin: duration,
      deploymentTimeout: duration,
      proofFor: duration,
      rings: fc.array(fc.record({ name, bake: duration, labels }), { minLength: 1, maxLength: 3 }),
    },
    { requiredKeys: ['rings'] },
  )
  .filter(({ labels: own }) => !Object.keys(own ?? {}).includes('__proto__'))
  .map((service) => JSON.parse(JSON.stringify(service)));

export const randomName = name;
