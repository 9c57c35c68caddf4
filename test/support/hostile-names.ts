import type { Dice } from './hostile-dice.ts';

/** What valid requests speak of: few enough names that many requests meet what earlier ones have made. */
const SERVICES = ['checkout', 'cart', 'search', 'nothing'];
const VERSIONS = ['1.4.2', '1.4.3', '2.0.0-rc.1+b7', '0_1', '9'];
const PATH_NAMES: Readonly<Record<string, readonly string[]>> = {
  service: SERVICES,
  ring: ['canary', 'early', 'global', 'nowhere'],
  rule: ['errors', 'latency', 'other'],
  provider: ['main', 'spare'],
  freeze: ['weekend', 'holidays', 'other'],
  asset: ['index.css', 'nothing'],
};
const NAMES = ['canary', 'early', 'global', 'pilot', 'main', 'checkout'];
/** Nobody listens there, and nothing outside this machine is ever asked. */
const CLOSED = 'http://127.0.0.1:1/prefix';
const BY_SCHEMA: Readonly<Record<string, readonly unknown[]>> = {
  Name: NAMES,
  Id: ['0199f0c2-7a10-7b1c-9d3e-2f4a6b8c0d1e', '00000000-0000-0000-0000-000000000000'],
  Instant: ['2026-11-22T10:00:00Z', '2020-01-01T00:00:00.123456789+01:00', '2026-11-22T10:00:00.000-14:00'],
  Duration: ['1s', '90s', '10m', '1h', '1h30m', '2m', '500ms'],
  Text: ['Checkout API', 'Kasse — Bezahlung', '結帳'],
  Actor: ['ada', 'Grace Hopper', 'jürgen@example.org', "O'Brien"],
  Reason: ['Because of incident 4711', 'two\nlines', '100 % sure; "quoted"'],
  OverrideReason: ['The fix for incident 4711 cannot wait', 'two\nlines of "quoted" reason'],
  WaivedCheck: ['*', 'bake', 'rollback', 'rule', 'rule/latency', 'rule/other'],
  Url: [CLOSED, 'http://127.0.0.1:1/builds/812?x=1&y=2'],
  Artifact: ['sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
  ProviderReference: ['main', 'main', 'spare', '${labels.tier}'],
  NamePattern: ['*', 'c*', ...NAMES],
  NamePrefix: ['holidays', 'team1'],
  LabelPair: ['tier=1', 'team=*', 'region='],
  TimeZone: ['Europe/Berlin', 'UTC', 'America/New_York', 'Australia/Lord_Howe'],
  LocalDateTime: ['2026-12-24T18:00:00', '2026-10-25T02:30', '2027-03-28T02:30:00'],
  Query: [
    'sum(increase(errors{version="${version}",ring="${ring}"}[${window}]))',
    'latency_seconds{version="${version}"}',
  ],
};

/** Valid as the contract writes it, and at the very edge of what anybody can work with. */
const EXTREMES: Readonly<Record<string, readonly unknown[]>> = {
  Name: ['a', '0', 'a'.repeat(63), 'a--b', 'constructor', 'valueof'],
  Instant: [
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00+14:00',
    '0001-01-01T00:00:00+23:59',
    '9999-12-31T23:59:59.999999999-23:59',
    '2026-11-22T10:00:00-23:59',
    '1969-12-31T23:59:59Z',
  ],
  Duration: [
    '0s',
    '1ms',
    '99999999999999999999d',
    '9007199254740993ms',
    `${'0'.repeat(38)}1s`,
    '25s',
    '365d',
    '1y1w1d1h1m1s1ms',
  ],
  Text: ['\u202e', '\ufeff', '\u2028', '=1+1', 'x'.repeat(200), '\u{1f4a5}'.repeat(100), ' '],
  Actor: ['\u202e', "'; drop table config; --", '$1', '%s', '\u{1f4a5}'.repeat(100)],
  Reason: ['x'.repeat(2000), '\u{1f4a5}'.repeat(1000), '\t\n.', '<script>', '${version}'],
  Url: [
    'http://a',
    'http://:',
    'http://127.0.0.1:99999',
    'http://[',
    `http://127.0.0.1:1/${'x'.repeat(1900)}`,
    'http://user:pass@127.0.0.1:1',
  ],
  Artifact: [`a:${'='.repeat(200)}`, '0:.'],
  ProviderReference: ['${labels.__proto__}', '${labels.constructor}', '${labels.toString}', 'constructor'],
  TimeZone: ['constructor', 'EST5EDT', 'Etc/GMT+14', 'europe/berlin', 'A/B/C', 'x'.repeat(64), 'Romance-Standard-Time'],
  LocalDateTime: ['0000-00-00T00:00', '9999-12-31T23:59:59', '2026-02-30T24:60:60', '0001-01-01T00:00:00'],
  Query: [
    '(',
    '('.repeat(9999),
    `${'('.repeat(4000)}1${')'.repeat(4000)}`,
    `1${'+1'.repeat(4990)}`,
    '-'.repeat(9000),
    '${',
    '${version}',
    '"${version}"',
    'x{a="${version}${version}"}',
    'x{a=~"(a+)+$"}',
    'sum(x[${window}]',
    '\u202e',
    'x{__proto__="${labels.__proto__}"}',
    'x{a="\\',
    '#',
    `x{${'a="b",'.repeat(1600)}}`,
  ],
};

/** A valid value for a schema of that name; undefined where its own form says enough. */
export function aValid(dice: Dice, schema: string | null): unknown {
  if (schema === 'ReleaseName') return `${dice.pick(SERVICES)}@${dice.pick(VERSIONS)}`;
  const extreme = schema !== null && dice.chance(0.06) ? EXTREMES[schema] : undefined;
  const known = extreme ?? (schema === null ? undefined : BY_SCHEMA[schema]);
  return known === undefined ? undefined : dice.pick(known);
}

/** A valid value for a parameter of a path; null where its schema says enough. */
export function aPathName(dice: Dice, parameter: string): string | null {
  const known = PATH_NAMES[parameter];
  return known === undefined ? null : dice.pick(known);
}

/** What lasts a day at most may last until then. */
export const IN_SIX_HOURS = new Date(Date.now() + 6 * 3_600_000).toISOString();

const BY_FIELD: Readonly<Record<string, readonly unknown[]>> = {
  // What valid requests ask for is waited for, 5,000 times.
  wait: ['0s', '1ms', '20ms'],
  // At most a day ahead is taken, whatever day it is.
  expiresAt: [IN_SIX_HOURS, '2020-01-01T00:00:00Z', '9999-12-31T23:59:59Z'],
};

/** A valid value for a field or parameter of that name; undefined where its schema says enough. */
export function aFieldValue(dice: Dice, name: string): unknown {
  return Object.hasOwn(BY_FIELD, name) ? dice.pick(BY_FIELD[name] ?? []) : undefined;
}
