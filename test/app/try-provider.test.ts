import { describe, expect, it } from 'vitest';
import { tryProvider } from '../../src/app/try-provider.ts';
import type { Measurement } from '../../src/domain/measurement.ts';
import { aProvider, aService } from '../support/builders.ts';
import { aWorld } from '../support/world.ts';

async function tried(measurement: Measurement, provider?: Parameters<typeof aWorld>[2]) {
  const world = await aWorld(aService(), {}, provider);
  world.answer = () => measurement;
  Object.assign(world.ports, { inspector: { inspect: async () => ({ version: '2.42.0', clockOffsetSeconds: 0 }) } });
  return tryProvider(world.ports, 'main');
}

describe('Trying a provider', () => {
  it.each<[Measurement, object]>([
    [
      { kind: 'value', value: '1' },
      { ok: true, reachable: true, authenticated: true, outcome: 'value', version: '2.42.0' },
    ],
    [
      { kind: 'unavailable', reason: 'unauthorized', detail: 'HTTP 401' },
      { ok: false, reachable: true, authenticated: false, because: 'main refused our credential (HTTP 401).' },
    ],
    [
      { kind: 'unavailable', reason: 'connection', detail: 'the connection was refused' },
      {
        ok: false,
        reachable: false,
        authenticated: null,
        because: 'main cannot be reached (the connection was refused).',
      },
    ],
    [
      { kind: 'unavailable', reason: 'clock-skew', detail: '90s' },
      { ok: false, reachable: true, authenticated: true, outcome: 'clock-skew' },
    ],
    [{ kind: 'deadline-exceeded' }, { ok: false, reachable: false, outcome: 'deadline-exceeded' }],
    [
      { kind: 'partial', warnings: ['x'] },
      { ok: false, because: expect.stringContaining('may be incomplete') },
    ],
    [
      { kind: 'rejected', detail: 'x' },
      { ok: false, because: expect.stringContaining('is the URL that of its API?') },
    ],
  ])('tells what %j means', async (measurement, expected) => {
    expect(await tried(measurement)).toMatchObject({ provider: 'main', kind: 'prometheus', ...expected });
  });

  it('is well with a Datadog that has no data for it, but not with one that limits the rate', async () => {
    const keys = { kind: 'keys', apiKey: { env: 'GATE_SECRET_A' }, applicationKey: { env: 'GATE_SECRET_B' } } as const;
    const datadog = { kind: 'datadog', site: 'datadoghq.eu', auth: keys } as const;
    expect(await tried({ kind: 'no-data' }, datadog)).toMatchObject({
      ok: true,
      outcome: 'value',
      authenticated: true,
    });
    const limited = { kind: 'unavailable', reason: 'rate-limited', detail: 'HTTP 429' } as const;
    expect(await tried(limited, datadog)).toMatchObject({ ok: false, outcome: 'rate-limited', reachable: true });
  });

  it.each([
    ['15s, as is taken without a word', undefined, '15', '15', []],
    ['a word that is right', '60s', '60.2', '60.2', []],
    ['within what its targets have', '30s', '15', '60', []],
    [
      'the default, and it is not right',
      undefined,
      '60',
      '60',
      ['main scrapes its targets every 1m, and its scrapeInterval is 15s, the default: set it to 1m'],
    ],
    [
      'a word that is wrong',
      '5s',
      '15',
      '60',
      ['main scrapes its targets every 15s to 1m, and its scrapeInterval is 5s: set it to 1m'],
    ],
  ])(
    'shows how often it scrapes, and whether its document says so: %s',
    async (_what, scrapeInterval, least, most, warnings) => {
      const world = await aWorld(aService(), {}, aProvider(scrapeInterval === undefined ? {} : { scrapeInterval }));
      world.answer = ({ part, query }) =>
        part === 'distance'
          ? { kind: 'value', value: query.startsWith('min') ? least : most }
          : { kind: 'value', value: '1' };
      Object.assign(world.ports, { inspector: { inspect: async () => ({ version: null, clockOffsetSeconds: null }) } });
      const shown = await tryProvider(world.ports, 'main');
      expect(shown.warnings).toEqual(warnings);
      expect(shown.scrapeInterval).not.toBeNull();
    },
  );

  it('shows no scrape interval of a server without targets of its own', async () => {
    expect(await tried({ kind: 'no-data' })).toMatchObject({ scrapeInterval: null, warnings: [] });
  });

  it('is always well with a recorded one', async () => {
    const shown = await tried({ kind: 'no-data' }, { kind: 'recorded' });
    expect(shown).toMatchObject({ ok: true, authenticated: null, because: 'main answers from its own document.' });
  });

  it('is not found without it', async () => {
    const world = await aWorld(aService(), {});
    await expect(tryProvider(world.ports, 'other')).rejects.toMatchObject({ code: 'not-found' });
  });
});
