import { describe, expect, it } from 'vitest';
import { draftsFrom } from '../../../src/domain/openslo/open-slo-import.ts';
import { aCondition, aDocument, aMetric, anIndicator, anSliRule, anSlo, aPolicy } from '../../support/open-slo.ts';

/** As it comes over the wire: what is undefined is not there. */
const sent = (body: unknown) => JSON.parse(JSON.stringify(body));

function read(body: unknown, provider: string | null = null) {
  const drafts = draftsFrom(sent(body), provider);
  if ('errors' in drafts) throw new Error(JSON.stringify(drafts.errors));
  return drafts;
}

function refusals(body: unknown): readonly string[] {
  const drafts = draftsFrom(sent(body), null);
  return 'errors' in drafts ? drafts.errors.map(({ pointer }) => pointer) : [];
}

const documentOf = (body: unknown) => read(body).rules[0]?.document;
const annotated = (annotations: object, spec: Record<string, unknown> = {}) => anSlo(spec, { annotations });
const window = (entry: unknown) => anSlo({ timeWindow: [entry] });
const calendar = (duration: string, startTime = '2026-01-01 00:00:00', timeZone = 'Europe/Berlin') =>
  window({ duration, isRolling: false, calendar: { startTime, timeZone } });
const objective = (of: object) => anSlo({ objectives: [of] });
const ratio = (of: Record<string, unknown>) => anSlo({ indicator: anIndicator(of) });
const alert = (condition: object, metadata: object = {}) =>
  anSlo({ alertPolicies: [aPolicy([aCondition(condition as never, metadata as never)])] });
const slices = (of: object, annotations: object = {}, budgetingMethod = 'Timeslices') =>
  anSlo({ budgetingMethod, objectives: [{ target: 0.999, ...of }] }, { annotations });
const RATIO = '/spec/indicator/spec/ratioMetric';
const CONDITION = '/spec/alertPolicies/0/spec/conditions/0';

describe('an SLO of somebody else', () => {
  it('becomes a rule that holds once the objective is missed', () => {
    const { rules, warnings } = read(anSlo());
    expect(rules).toMatchObject([{ service: 'checkout', name: 'availability' }]);
    expect(rules[0]?.document).toEqual({
      indicator: {
        kind: 'ratio',
        provider: 'main',
        bad: 'sum(increase(errors_total[${window}]))',
        total: 'sum(increase(requests_total[${window}]))',
      },
      objective: { target: 0.999, window: '30d' },
      budget: { holdBelow: 0 },
    });
    expect(warnings.map(({ pointer }) => pointer)).toEqual([
      `${RATIO}/bad/metricSource/spec/query`,
      `${RATIO}/total/metricSource/spec/query`,
    ]);
  });

  it('becomes a rule for each objective when it has several', () => {
    const { rules } = read(anSlo({ objectives: [{ target: 0.99 }, { targetPercent: 99.9 }] }));
    expect(rules.map(({ name, document }) => [name, document.objective])).toEqual([
      ['availability-1', { target: 0.99, window: '30d' }],
      ['availability-2', { target: 0.999, window: '30d' }],
    ]);
  });

  it('holds as well on what its alert policies are for', () => {
    const conditions = [
      aCondition({ threshold: 6, lookbackWindow: '6h' }, { annotations: { 'ringgate/short': '30m' } }),
    ];
    expect(documentOf(anSlo({ alertPolicies: [aPolicy(), aPolicy(conditions)] }))).toMatchObject({
      burnRates: [
        { long: '1h', short: '1h', factor: 14.4 },
        { long: '6h', short: '30m', factor: 6 },
      ],
    });
  });

  it('is told where each of its parts stands when a rule made of it is wrong', () => {
    const { rules } = read([anSlo({ alertPolicies: [aPolicy()] }, { annotations: { 'ringgate/minBad': '2' } })]);
    expect(rules[0]?.places.map(({ of, at }) => `${of} ${at}`)).toEqual(
      expect.arrayContaining([
        '/indicator/kind /0/spec/indicator/spec',
        '/indicator/bad /0/spec/indicator/spec/ratioMetric/bad/metricSource/spec/query',
        '/indicator/provider /0/spec/indicator/spec/ratioMetric/bad/metricSource/metricSourceRef',
        '/objective/target /0/spec/objectives/0/target',
        '/objective/window /0/spec/timeWindow',
        '/burnRates/0/factor /0/spec/alertPolicies/0/spec/conditions/0/spec/condition/threshold',
        '/minBad /0/metadata/annotations/ringgate~1minBad',
      ]),
    );
  });
});

describe('what breaks the schema of OpenSLO without losing its meaning is taken with a warning', () => {
  const described = { description: 'Answers', objective: { target: 0.999, window: '30d' } };
  it.each<[string, object, string, object]>([
    ['op on a ratio', objective({ target: 0.999, op: 'gt' }), '/spec/objectives/0/op', {}],
    ['a value on a ratio', objective({ target: 0.999, value: 1 }), '/spec/objectives/0/value', {}],
    ['no budgeting method', anSlo({ budgetingMethod: undefined }), '/spec/budgetingMethod', {}],
    ['an empty budgeting method', anSlo({ budgetingMethod: null }), '/spec/budgetingMethod', {}],
    ['a budgeting method in small letters', anSlo({ budgetingMethod: 'occurrences' }), '/spec/budgetingMethod', {}],
    ['no window', anSlo({ timeWindow: undefined }), '/spec/timeWindow', { objective: { target: 0.999 } }],
    ['an empty list of alerts', anSlo({ alertPolicies: null }), '/spec/alertPolicies', {}],
    ['a window that does not say that it rolls', window({ duration: '30d' }), '/spec/timeWindow/0/isRolling', {}],
    [
      'a rolling month',
      window({ duration: '1M', isRolling: true }),
      '/spec/timeWindow/0/duration',
      { objective: { window: '30d' } },
    ],
    [
      'a rolling year',
      window({ duration: '1Y', isRolling: true }),
      '/spec/timeWindow/0/duration',
      { objective: { window: '365d' } },
    ],
    [
      'both kinds of target, when they say the same',
      objective({ target: 0.999, targetPercent: 99.9 }),
      '/spec/objectives/0/targetPercent',
      {},
    ],
    [
      'a slice of time where events count',
      objective({ target: 0.999, timeSliceWindow: '1m' }),
      '/spec/objectives/0/timeSliceWindow',
      {},
    ],
    ['rawType without raw', ratio({ rawType: 'success' }), `${RATIO}/rawType`, {}],
    [
      'the window of another tool',
      ratio({ bad: aMetric('sum(increase(errors_total[{{.window}}]))') }),
      `${RATIO}/bad/metricSource/spec/query`,
      { indicator: { bad: 'sum(increase(errors_total[${window}]))' } },
    ],
    [
      'an alert condition without an op',
      alert({ op: undefined }),
      `${CONDITION}/spec/condition/op`,
      { burnRates: [{ factor: 14.4 }] },
    ],
    ['gte for an alert', alert({ op: 'gte' }), `${CONDITION}/spec/condition/op`, { burnRates: [{ factor: 14.4 }] }],
    [
      'alertAfter',
      alert({ alertAfter: '5m' }),
      `${CONDITION}/spec/condition/alertAfter`,
      { burnRates: [{ factor: 14.4 }] },
    ],
    [
      'an alert that does not say what it is for',
      anSlo({ alertPolicies: [aPolicy([aCondition()], { alertWhenBreaching: undefined })] }),
      '/spec/alertPolicies/0/spec/alertWhenBreaching',
      { burnRates: [{ factor: 14.4 }] },
    ],
    [
      'an alert that is not for a breach',
      anSlo({ alertPolicies: [aPolicy([aCondition()], { alertWhenBreaching: false })] }),
      '/spec/alertPolicies/0/spec/alertWhenBreaching',
      {},
    ],
    [
      'somebody to notify',
      anSlo({ alertPolicies: [aPolicy([aCondition()], { notificationTargets: [{ targetRef: 'me' }] })] }),
      '/spec/alertPolicies/0/spec/notificationTargets/0',
      { burnRates: [{ factor: 14.4 }] },
    ],
    [
      'two conditions in one policy',
      anSlo({ alertPolicies: [aPolicy([aCondition(), aCondition({ threshold: 6 })])] }),
      '/spec/alertPolicies/0/spec/conditions',
      { burnRates: [{ factor: 14.4 }, { factor: 6 }] },
    ],
    ['a field of metadata that is not known', anSlo({}, { namespace: 'shop' }), '/metadata/namespace', {}],
    ['an empty field', anSlo({ description: null }), '/spec/description', {}],
  ])('%s', (_, body, pointer, expected) => {
    const { rules, warnings } = read(body);
    expect(warnings.map((each) => each.pointer)).toContain(pointer);
    expect(rules[0]?.document).toMatchObject({ objective: { target: 0.999 }, ...expected });
  });

  it('and what is only for people is taken as it comes', () => {
    const labels = { env: ['prod'], team: 'a' };
    const other = { 'example.com/dashboard': 'https://dashboards.example' };
    const metadata = { displayName: 'Checkout answers', labels, annotations: other };
    const { rules, warnings } = read(anSlo({}, metadata));
    expect(rules[0]?.document).toMatchObject({ description: 'Checkout answers' });
    expect(warnings).toHaveLength(2);
    expect(documentOf(anSlo({ description: 'Answers' }, metadata))).toMatchObject(described);
  });
});

describe('slices of time', () => {
  it.each<[string, object, object]>([
    ['that are good or bad', slices({ timeSliceTarget: 0.95, timeSliceWindow: '1m' }), { window: '1m', target: 0.95 }],
    ['in minutes', slices({ timeSliceTarget: 1, timeSliceWindow: 5 }), { window: '5m', target: 1 }],
    [
      'that are shorter than OpenSLO can say',
      slices({ timeSliceTarget: 0.95, timeSliceWindow: '2m' }, { 'ringgate/sliceWindow': '90s' }),
      { window: '90s', target: 0.95 },
    ],
    ['that are good in part', slices({ timeSliceWindow: '1h' }, {}, 'RatioTimeslices'), { window: '1h' }],
    [
      'that are good in part, with a target that says nothing',
      slices({ timeSliceWindow: '1h', timeSliceTarget: 0.9 }, {}, 'RatioTimeslices'),
      { window: '1h' },
    ],
  ])('%s are those of the rule', (_, body, expected) => {
    expect(documentOf(body)).toHaveProperty('objective.slices', expected);
  });

  it('are left aside, with a warning, where their target says nothing', () => {
    const { warnings } = read(slices({ timeSliceWindow: '1h', timeSliceTarget: 0.9 }, {}, 'RatioTimeslices'));
    expect(warnings.map(({ pointer }) => pointer)).toContain('/spec/objectives/0/timeSliceTarget');
  });
});

describe('a calendar window', () => {
  it.each([
    ['1d', '2026-03-05 00:00:00', 'day'],
    ['1w', '2026-01-05 00:00:00', 'week'],
    ['1M', '2026-02-01 00:00:00', 'month'],
    ['1Q', '2026-10-01 00:00:00', 'quarter'],
    ['1Y', '2026-01-01 00:00:00', 'year'],
  ])('of %s is the unit of the calendar', (duration, start, unit) => {
    const expected = { objective: { window: { calendar: unit, timeZone: 'Europe/Berlin' } } };
    expect(documentOf(calendar(duration, start))).toMatchObject(expected);
  });

  it.each([
    ['1d', '2026-03-05 12:00:00'],
    ['1w', '2026-01-06 00:00:00'],
    ['1M', '2026-02-02 00:00:00'],
    ['1Q', '2026-02-01 00:00:00'],
    ['1Y', '2026-04-01 00:00:00'],
    ['1M', '2026-02-30 00:00:00'],
    ['1M', 'yesterday'],
  ])('of %s that begins at another time than a calendar does (%s) is refused', (duration, start) => {
    expect(refusals(calendar(duration, start))).toEqual(['/spec/timeWindow/0/calendar/startTime']);
  });
});

describe('what would lose its meaning is refused at its place', () => {
  it.each<[string, object, string]>([
    ['slices of no length', slices({ timeSliceTarget: 0.9 }), '/spec/objectives/0/timeSliceWindow'],
    ['slices that are never good', slices({ timeSliceWindow: '1m' }), '/spec/objectives/0/timeSliceTarget'],
    ['half a minute', slices({ timeSliceTarget: 0.9, timeSliceWindow: 0.5 }), '/spec/objectives/0/timeSliceWindow'],
    [
      'slices that contradict each other',
      slices({ timeSliceTarget: 0.9, timeSliceWindow: '1m' }, { 'ringgate/sliceWindow': '90s' }),
      '/metadata/annotations/ringgate~1sliceWindow',
    ],
    ['another method', anSlo({ budgetingMethod: 'Guessing' }), '/spec/budgetingMethod'],
    ['a ratio that was worked out before', ratio({ raw: aMetric('a') }), `${RATIO}/raw`],
    [
      'a threshold for a share of time',
      anSlo({ indicator: { metadata: { name: 'a' }, spec: { thresholdMetric: aMetric('a') } } }),
      '/spec/objectives/0',
    ],
    [
      'two kinds of metric',
      anSlo({ indicator: { ...anIndicator(), spec: { thresholdMetric: aMetric('a'), ratioMetric: {} } } }),
      '/spec/indicator/spec/thresholdMetric',
    ],
    ['no metric', anSlo({ indicator: { metadata: { name: 'a' }, spec: {} } }), '/spec/indicator/spec'],
    ['no indicator', anSlo({ indicator: undefined }), '/spec/indicator'],
    ['an indicator twice', anSlo({ indicatorRef: 'requests' }), '/spec/indicatorRef'],
    ['an indicator that is not there', anSlo({ indicator: undefined, indicatorRef: 'requests' }), '/spec/indicatorRef'],
    ['several objectives in one', objective({ target: 0.9, compositeWeight: 1 }), '/spec/objectives/0/compositeWeight'],
    [
      'an indicator for each objective',
      objective({ target: 0.9, indicatorRef: 'a' }),
      '/spec/objectives/0/indicatorRef',
    ],
    ['no target', objective({}), '/spec/objectives/0/target'],
    ['two targets', objective({ target: 0.9, targetPercent: 99 }), '/spec/objectives/0/targetPercent'],
    ['a target in quotes', objective({ target: '0.9' }), '/spec/objectives/0/target'],
    ['no objective', anSlo({ objectives: [] }), '/spec/objectives'],
    ['objectives that are no list', anSlo({ objectives: { target: 0.9 } }), '/spec/objectives'],
    ['no objectives', anSlo({ objectives: undefined }), '/spec/objectives'],
    ['an unknown field', anSlo({ objectivs: [] }), '/spec/objectivs'],
    ['an unknown field of an objective', objective({ target: 0.9, targt: 1 }), '/spec/objectives/0/targt'],
    [
      'an unknown field of a source',
      ratio({ total: aMetric('a', { step: '1m' }) }),
      `${RATIO}/total/metricSource/step`,
    ],
    [
      'another field than the query',
      ratio({ total: aMetric('', { spec: { query: 'a', region: 'eu' } }) }),
      `${RATIO}/total/metricSource/spec/region`,
    ],
    ['no query', ratio({ total: aMetric('', { spec: { promql: 'a' } }) }), `${RATIO}/total/metricSource/spec/query`],
    [
      'another type of source',
      ratio({ total: aMetric('a', { type: 'Redshift' }) }),
      `${RATIO}/total/metricSource/type`,
    ],
    [
      'sources in two places',
      ratio({ total: aMetric('a', { metricSourceRef: 'other' }) }),
      `${RATIO}/total/metricSource/metricSourceRef`,
    ],
    [
      'a source nowhere',
      anSlo({
        indicator: anIndicator({
          bad: aMetric('a', { metricSourceRef: undefined }),
          total: aMetric('a', { metricSourceRef: undefined }),
        }),
      }),
      `${RATIO}/bad/metricSource/metricSourceRef`,
    ],
    [
      'two windows',
      anSlo({
        timeWindow: [
          { duration: '1d', isRolling: true },
          { duration: '1d', isRolling: true },
        ],
      }),
      '/spec/timeWindow',
    ],
    ['no window in the list', anSlo({ timeWindow: [] }), '/spec/timeWindow'],
    ['a window that is no list', anSlo({ timeWindow: '30d' }), '/spec/timeWindow'],
    ['a duration of Prometheus', window({ duration: '1h30m', isRolling: true }), '/spec/timeWindow/0/duration'],
    ['no duration', window({ isRolling: true }), '/spec/timeWindow/0/duration'],
    [
      'a window that neither rolls nor has a calendar',
      window({ duration: '30d', isRolling: false }),
      '/spec/timeWindow/0/isRolling',
    ],
    [
      'a window that does both',
      window({ duration: '1d', isRolling: true, calendar: { startTime: '2026-01-01 00:00:00', timeZone: 'UTC' } }),
      '/spec/timeWindow/0/calendar',
    ],
    ['minutes of a calendar', calendar('1m'), '/spec/timeWindow/0/duration'],
    ['two months of a calendar', calendar('2M'), '/spec/timeWindow/0/duration'],
    ['an unknown time zone', calendar('1M', '2026-01-01 00:00:00', 'Berlin'), '/spec/timeWindow/0/calendar/timeZone'],
    ['an alert of another kind', alert({ kind: 'latency' }), `${CONDITION}/spec/condition/kind`],
    ['an alert that a burn rate is too low', alert({ op: 'lt' }), `${CONDITION}/spec/condition/op`],
    ['an operator that is none', alert({ op: '>' }), `${CONDITION}/spec/condition/op`],
    ['an alert without a threshold', alert({ threshold: undefined }), `${CONDITION}/spec/condition/threshold`],
    ['an alert without a window', alert({ lookbackWindow: undefined }), `${CONDITION}/spec/condition/lookbackWindow`],
    [
      'a policy without conditions',
      anSlo({ alertPolicies: [aPolicy(undefined, { conditions: undefined })] }),
      '/spec/alertPolicies/0/spec/conditions',
    ],
    [
      'an unknown field of a policy',
      anSlo({ alertPolicies: [aPolicy([aCondition()], { alertWhen: 1 })] }),
      '/spec/alertPolicies/0/spec/alertWhen',
    ],
    [
      'a policy that is not there',
      anSlo({ alertPolicies: [{ alertPolicyRef: 'page' }] }),
      '/spec/alertPolicies/0/alertPolicyRef',
    ],
    [
      'a condition that is not there',
      anSlo({ alertPolicies: [aPolicy([{ conditionRef: 'fast' }])] }),
      '/spec/alertPolicies/0/spec/conditions/0/conditionRef',
    ],
    ['a name that a rule cannot have', anSlo({}, { name: 'Availability' }), '/metadata/name'],
    ['no name', anSlo({}, { name: undefined }), '/metadata/name'],
    ['a service that can be none', anSlo({ service: 'web shop' }), '/spec/service'],
    ['no service', anSlo({ service: undefined }), '/spec/service'],
    [
      'an annotation of ringgate that is not known',
      annotated({ 'ringgate/limit': '{}' }),
      '/metadata/annotations/ringgate~1limit',
    ],
    [
      'an annotation that is no JSON',
      annotated({ 'ringgate/limits': 'above 0.1' }),
      '/metadata/annotations/ringgate~1limits',
    ],
    [
      'a strange annotation',
      annotated({ 'ringgate/limits': '{"__proto__":{}}' }),
      '/metadata/annotations/ringgate~1limits',
    ],
    ['an annotation that is no text', annotated({ 'ringgate/minBad': 3 }), '/metadata/annotations/ringgate~1minBad'],
    ['two descriptions', annotated({ 'ringgate/description': 'a' }, { description: 'b' }), '/spec/description'],
    [
      'two windows that contradict each other',
      annotated({ 'ringgate/window': '90s' }),
      '/metadata/annotations/ringgate~1window',
    ],
    [
      'a usual window that is another',
      annotated({ 'ringgate/window': 'default' }, { timeWindow: [{ duration: '28d', isRolling: true }] }),
      '/metadata/annotations/ringgate~1window',
    ],
    [
      'burn rates that contradict each other',
      annotated({ 'ringgate/burnRates': 'google-30d' }, { alertPolicies: [aPolicy()] }),
      '/metadata/annotations/ringgate~1burnRates',
    ],
    [
      'long windows that contradict each other',
      alert({}, { annotations: { 'ringgate/long': '90m' } }),
      `${CONDITION}/metadata/annotations/ringgate~1long`,
    ],
    [
      'providers that contradict each other',
      anSlo({
        indicator: {
          ...anIndicator(),
          metadata: { name: 'a', annotations: { 'ringgate/provider': '${labels.region}' } },
        },
      }),
      '/spec/indicator/metadata/annotations/ringgate~1provider',
    ],
    ['another version', { ...anSlo(), apiVersion: 'openslo/v2' }, '/apiVersion'],
    ['no version', { ...anSlo(), apiVersion: undefined }, '/apiVersion'],
    ['another kind', { ...anSlo(), kind: 'Objective' }, '/kind'],
    ['no kind', { ...anSlo(), kind: undefined }, '/kind'],
    ['a field beside spec', { ...anSlo(), status: {} }, '/status'],
    ['no metadata', { ...anSlo(), metadata: undefined }, '/metadata'],
    ['no spec', { ...anSlo(), spec: undefined }, '/spec'],
    ['a spec that is text', { ...anSlo(), spec: 'none' }, '/spec'],
    ['nothing', {}, ''],
    ['nothing beside something', [anSlo(), {}], '/1'],
    ['a list of nothing', [], ''],
    ['text instead of a document', [1], '/0'],
    ['nothing to make anything of', aDocument('DataSource', 'main', { type: 'Prometheus' }), ''],
    [
      'a data source of another type',
      [anSlo(), aDocument('DataSource', 'main', { type: 'CloudWatch' })],
      '/1/spec/type',
    ],
    ['a data source without a type', [anSlo(), aDocument('DataSource', 'main')], '/1/spec/type'],
    [
      'a data source with a name that is none',
      [anSlo(), aDocument('DataSource', 'My Source', { type: 'Prometheus' })],
      '/1/metadata/name',
    ],
    ['two documents of one name', [anSlo(), anSlo()], '/1/metadata/name'],
    [
      'two rules of one name',
      [anSlo({ objectives: [{ target: 0.9 }, { target: 0.99 }] }), anSlo({}, { name: 'availability-1' })],
      '/1/spec',
    ],
    [
      'two indicators of one name',
      [
        anSlo({ indicator: undefined, indicatorRef: 'a' }),
        aDocument('SLI', 'a', { ratioMetric: {} }),
        anSliRule({}, {}),
        aDocument('SLI', 'a', {}, { annotations: { 'ringgate/service': 'cart' } }),
      ],
      '/0/spec/indicatorRef',
    ],
    [
      'a service without rings, but with the rest of a plan',
      [anSlo(), aDocument('Service', 'checkout', {}, { annotations: { 'ringgate/concurrency': 'queue' } })],
      '/1/metadata/annotations/ringgate~1rings',
    ],
    [
      'a label of a service with two values',
      aDocument('Service', 'a', {}, { labels: { team: ['a', 'b'] }, annotations: { 'ringgate/rings': '[]' } }),
      '/metadata/labels/team',
    ],
    [
      'labels of a service twice',
      aDocument(
        'Service',
        'a',
        {},
        { labels: { team: 'a' }, annotations: { 'ringgate/rings': '[]', 'ringgate/labels': '{}' } },
      ),
      '/metadata/labels',
    ],
    [
      'titles of a service twice',
      aDocument(
        'Service',
        'a',
        {},
        { displayName: 'A', annotations: { 'ringgate/rings': '[]', 'ringgate/title': 'B' } },
      ),
      '/metadata/displayName',
    ],
    ['an unknown field of a service', aDocument('Service', 'a', { owner: 'me' }), '/spec/owner'],
    [
      'an SLI of a service that can be none',
      anSliRule({ 'ringgate/service': 'Check Out' }),
      '/metadata/annotations/ringgate~1service',
    ],
    [
      'an SLI that asks for nothing known',
      anSliRule({}, { thresholdMetric: aMetric('', { spec: { expr: 'a' } }) }),
      '/spec/thresholdMetric/metricSource/spec',
    ],
    [
      'a provider beside the query',
      anSliRule({}, { thresholdMetric: aMetric('', { spec: { query: 'a', provider: 'b' } }) }),
      '/spec/thresholdMetric/metricSource/spec/provider',
    ],
    [
      'a name that is too long for several rules',
      anSlo({ objectives: [{ target: 0.9 }, { target: 0.99 }] }, { name: 'a'.repeat(62) }),
      '/metadata/name',
    ],
    [
      'an annotation of ringgate where none is read',
      anSlo({ alertPolicies: [{ ...aPolicy(), metadata: { name: 'a', annotations: { 'ringgate/short': '5m' } } }] }),
      '/spec/alertPolicies/0/metadata/annotations/ringgate~1short',
    ],
    [
      'an unknown field beside a reference',
      anSlo({ alertPolicies: [{ alertPolicyRef: 'page', severity: 'high' }] }),
      '/spec/alertPolicies/0/severity',
    ],
    [
      'an unknown field of a policy',
      anSlo({ alertPolicies: [{ ...aPolicy(), enabled: true }] }),
      '/spec/alertPolicies/0/enabled',
    ],
    [
      'an unknown field of a condition',
      anSlo({ alertPolicies: [aPolicy([{ ...aCondition(), enabled: true }])] }),
      '/spec/alertPolicies/0/spec/conditions/0/enabled',
    ],
    [
      'an unknown field beside a reference to a condition',
      anSlo({ alertPolicies: [aPolicy([{ conditionRef: 'fast', threshold: 2 }])] }),
      '/spec/alertPolicies/0/spec/conditions/0/threshold',
    ],
    ['an unknown field of what is looked for', alert({ treshold: 2 }), `${CONDITION}/spec/condition/treshold`],
    [
      'an unknown field of an indicator',
      anSlo({ indicator: { ...anIndicator(), labels: {} } }),
      '/spec/indicator/labels',
    ],
    [
      'an unknown field of a calendar',
      window({ duration: '1M', calendar: { startTime: '2026-01-01 00:00:00', timeZone: 'UTC', offset: 1 } }),
      '/spec/timeWindow/0/calendar/offset',
    ],
    ['an unknown field of a window', window({ duration: '1d', isRolling: true, lag: '1m' }), '/spec/timeWindow/0/lag'],
    ['an unknown field of a ratio', ratio({ weight: 1 }), `${RATIO}/weight`],
    ['an unknown field of a metric', ratio({ total: { ...aMetric('a'), unit: 's' } }), `${RATIO}/total/unit`],
    [
      'an unknown field of a data source',
      [anSlo(), aDocument('DataSource', 'main', { type: 'Prometheus', url: 'https://a.example' })],
      '/1/spec/url',
    ],
    [
      'an annotation of ringgate on a data source',
      [
        anSlo(),
        aDocument('DataSource', 'main', { type: 'Prometheus' }, { annotations: { 'ringgate/mode': 'observe' } }),
      ],
      '/1/metadata/annotations/ringgate~1mode',
    ],
    ['a metric without a source', ratio({ total: {} }), `${RATIO}/total/metricSource`],
    ['a source without a query', ratio({ total: { metricSource: {} } }), `${RATIO}/total/metricSource/spec`],
    [
      'a calendar without a start and a zone',
      window({ duration: '1M', calendar: {} }),
      '/spec/timeWindow/0/calendar/startTime',
    ],
    [
      'a calendar without a zone',
      window({ duration: '1M', calendar: { startTime: '2026-01-01 00:00:00' } }),
      '/spec/timeWindow/0/calendar/timeZone',
    ],
    [
      'a calendar of nothing',
      window({ calendar: { startTime: '2026-01-01 00:00:00', timeZone: 'UTC' } }),
      '/spec/timeWindow/0/duration',
    ],
    [
      'a condition without a spec',
      anSlo({ alertPolicies: [aPolicy([{ kind: 'AlertCondition', metadata: { name: 'a' } }])] }),
      '/spec/alertPolicies/0/spec/conditions/0/spec',
    ],
    [
      'a condition of nothing',
      anSlo({ alertPolicies: [aPolicy([{ metadata: { name: 'a' }, spec: { severity: 'page' } }])] }),
      '/spec/alertPolicies/0/spec/conditions/0/spec/condition',
    ],
    ['a policy without a spec', anSlo({ alertPolicies: [{ metadata: { name: 'a' } }] }), '/spec/alertPolicies/0/spec'],
    ['a policy without a name', anSlo({ alertPolicies: [{ spec: aPolicy().spec }] }), '/spec/alertPolicies/0/metadata'],
    ['an indicator without a spec', anSlo({ indicator: { metadata: { name: 'a' } } }), '/spec/indicator/spec'],
    [
      'a data source without a spec',
      [anSlo(), { apiVersion: 'openslo/v1', kind: 'DataSource', metadata: { name: 'a' } }],
      '/1/spec',
    ],
    ['an empty objective', anSlo({ objectives: [null] }), '/spec/objectives/0'],
    ['a control character', anSlo({ description: 'a\u0007b' }), '/spec/description'],
    ['a name of a prototype', JSON.parse('{"__proto__":1,"kind":"SLO"}'), '/__proto__'],
  ])('%s', (_, body, pointer) => {
    expect(refusals(body)).toContain(pointer);
  });

  it('and everything at once, so that one reading is enough', () => {
    const body = anSlo({ budgetingMethod: 'Guessing', objectives: [{}], timeWindow: [] }, { name: 'A' });
    expect(refusals(body)).toEqual(
      expect.arrayContaining([
        '/metadata/name',
        '/spec/budgetingMethod',
        '/spec/objectives/0/target',
        '/spec/timeWindow',
      ]),
    );
  });

  it('or is too much at once', () => {
    const many = Array.from({ length: 301 }, (_, i) => anSlo({}, { name: `a${i}` }));
    expect(refusals(many)).toEqual(['']);
    expect(refusals(many.slice(1))).toEqual([]);
  });
});

describe('documents of neighbours are refused with how to convert them', () => {
  it.each<[string, object, RegExp]>([
    ['Sloth', { version: 'prometheus/v1', service: 'a', slos: [] }, /Sloth.*objective as targetPercent.*error_query/],
    ['Sloth on Kubernetes', { apiVersion: 'sloth.slok.dev/v1', kind: 'PrometheusServiceLevel' }, /Sloth.*\$\{window\}/],
    [
      'Pyrra',
      { apiVersion: 'pyrra.dev/v1alpha1', kind: 'ServiceLevelObjective' },
      /Pyrra.*targetPercent.*counter: true/,
    ],
    ['OpenSLO v1alpha', { apiVersion: 'openslo/v1alpha', kind: 'SLO' }, /v1alpha.*ratioMetrics.*timeWindow/],
  ])('%s', (_, body, message) => {
    const drafts = draftsFrom([body], null);
    expect(drafts).toEqual({ errors: [{ pointer: '/0', message: expect.stringMatching(message) }] });
  });
});

describe('the provider of sources that name none', () => {
  const nameless = {
    bad: aMetric('a', { metricSourceRef: undefined }),
    total: aMetric('a', { metricSourceRef: undefined, type: 'Prometheus' }),
  };
  const slo = anSlo({ indicator: anIndicator(nameless) });
  const source = (name: string, type = 'Prometheus') => aDocument('DataSource', name, { type, connectionDetails: {} });

  it('is the one that the caller names, else the only data source', () => {
    const providerOf = (body: unknown, provider: string | null) =>
      Object(read(body, provider).rules[0]?.document.indicator).provider;
    expect(providerOf(slo, 'main')).toBe('main');
    expect(providerOf([slo, source('one')], null)).toBe('one');
    expect(providerOf([slo, source('one'), source('two')], 'three')).toBe('three');
  });

  it('is none when there are several', () => {
    expect(refusals([slo, source('one'), source('two')])).toContain(
      '/0/spec/indicator/spec/ratioMetric/bad/metricSource/metricSourceRef',
    );
  });
});

describe('documents for others', () => {
  it('are referred to by name', () => {
    const policy = { ...aPolicy([{ conditionRef: 'fast' }]), apiVersion: 'openslo/v1' };
    const condition = { ...aCondition(), apiVersion: 'openslo/v1' };
    const sli = aDocument('SLI', 'requests', anIndicator().spec as never);
    const slo = anSlo({ indicator: undefined, indicatorRef: 'requests', alertPolicies: [{ alertPolicyRef: 'page' }] });
    const { rules, warnings } = read([slo, policy, condition, sli]);
    const inline = anSlo({ alertPolicies: [aPolicy()] });
    expect(rules[0]?.document).toEqual(documentOf(inline));
    expect(warnings.filter(({ message }) => message.includes('no document refers'))).toEqual([]);
    const named = read([anSlo({ alertPolicies: ['page'] }), policy, condition]);
    expect(named.rules[0]?.document).toEqual(documentOf(inline));
    expect(named.warnings.map(({ pointer }) => pointer)).toContain('/0/spec/alertPolicies/0');
  });

  it('that nobody refers to are told, and so is who would be notified', () => {
    const loose = [
      aDocument('SLI', 'loose', anIndicator().spec as never),
      aDocument('AlertPolicy', 'loose'),
      aDocument('AlertCondition', 'loose'),
      aDocument('AlertNotificationTarget', 'loose', { target: 'email' }),
    ];
    const { warnings } = read([anSlo(), ...loose]);
    const pointers = warnings.map(({ pointer }) => pointer).filter((pointer) => pointer.endsWith('/metadata/name'));
    expect(pointers).toEqual(['/1/metadata/name', '/2/metadata/name', '/3/metadata/name', '/4/metadata/name']);
  });

  it('keep nothing of a data source but its name and type', () => {
    const connectionDetails = { token: 'hunter2', url: 'https://prometheus.example' };
    const drafts = read([anSlo(), aDocument('DataSource', 'main', { type: 'Prometheus', connectionDetails })]);
    expect(drafts.sources).toEqual([{ name: 'main', type: 'prometheus', pointer: '/1/metadata/name' }]);
    expect(JSON.stringify(drafts)).not.toContain('hunter2');
    expect(drafts.warnings.map(({ pointer }) => pointer)).toContain('/1/spec/connectionDetails');
  });

  it('make a service only when they say its rings', () => {
    const bare = read([anSlo(), aDocument('Service', 'checkout', {}, { displayName: 'Checkout' })]);
    expect([bare.services, bare.named]).toEqual([[], [{ name: 'checkout', pointer: '/1/metadata/name' }]]);
    const described = read([anSlo(), aDocument('Service', 'checkout', { description: 'Sells' })]);
    expect(described.warnings.map(({ pointer }) => pointer)).toContain('/1/spec/description');
    const annotations = { 'ringgate/rings': '[{"name":"canary","bake":"1h"}]' };
    const whole = read(aDocument('Service', 'checkout', {}, { displayName: 'Checkout', annotations }));
    expect(whole.services[0]?.document).toEqual({ title: 'Checkout', rings: [{ name: 'canary', bake: '1h' }] });
  });
});

describe('an SLO that is about one release', () => {
  it('has no budget by itself, since a budget belongs to the whole service', () => {
    const query = 'sum(increase(a{version="${version}"}[${window}]))';
    const metrics = { bad: aMetric(query), total: aMetric(query) };
    const slo = anSlo({ indicator: anIndicator(metrics), alertPolicies: [aPolicy()] });
    expect(documentOf(slo)).not.toHaveProperty('budget');
    const own = { ...slo, metadata: { name: 'a', annotations: { 'ringgate/budget': '{"holdBelow":0.5}' } } };
    expect(documentOf(own)).toHaveProperty('budget', { holdBelow: 0.5 });
  });
});

describe('a source of Datadog', () => {
  it.each([
    [{ sloId: '0123456789abcdef' }, { kind: 'datadog-slo', sloId: '0123456789abcdef' }],
    [{ monitorId: 42 }, { kind: 'datadog-monitor', monitorId: 42 }],
  ])('that names %o is an indicator of that kind', (spec, indicator) => {
    const metric = { thresholdMetric: aMetric('', { type: 'Datadog', spec }) };
    expect(documentOf(anSliRule({}, metric))).toMatchObject({ indicator: { ...indicator, provider: 'main' } });
  });

  it('that is an SLO of its own may have a target, because it counts', () => {
    const metric = { thresholdMetric: aMetric('', { type: 'Datadog', spec: { sloId: '0123' } }) };
    const slo = anSlo({ indicator: { metadata: { name: 'a' }, spec: metric } });
    expect(documentOf(slo)).toMatchObject({ indicator: { kind: 'datadog-slo' }, objective: { target: 0.999 } });
    expect(
      refusals(
        anSlo({
          indicator: { metadata: { name: 'a' }, spec: { thresholdMetric: aMetric('', { spec: { monitorId: 1 } }) } },
        }),
      ),
    ).toEqual(['/spec/objectives/0']);
  });

  it('has its queries left as they are', () => {
    const query = 'sum:trace.http.request.hits{*}.as_count()';
    const metric = aMetric(query, { type: 'Datadog' });
    const { rules, sources } = read(anSlo({ indicator: anIndicator({ bad: metric, total: metric }) }));
    expect(rules[0]?.document.indicator).toMatchObject({ bad: query, total: query });
    expect(sources[0]).toMatchObject({ name: 'main', type: 'datadog' });
  });
});

describe('a counter', () => {
  it.each([
    ['a', 'increase(a[${window}])'],
    ['sum by (x) (a{b="c"}) + b', 'sum by (x) (increase(a{b="c"}[${window}])) + increase(b[${window}])'],
    ['sum(increase(a[5m])) + b', 'sum(increase(a[5m])) + increase(b[${window}])'],
    ['max_over_time(a[5m:1m])', 'max_over_time(a[5m:1m])'],
    ['sum(', 'sum('],
  ])('%s is counted by its increase over the window', (query, counted) => {
    const { rules } = read(ratio({ total: aMetric(query) }));
    expect(rules[0]?.document.indicator).toMatchObject({ total: counted });
  });

  it('that names the window is left alone, and so is what is no counter', () => {
    const total = 'sum(increase(a[${window}])) + b';
    expect(documentOf(ratio({ total: aMetric(total) }))).toMatchObject({ indicator: { total } });
    expect(documentOf(ratio({ counter: false }))).toMatchObject({ indicator: { total: 'sum(requests_total)' } });
  });
});
