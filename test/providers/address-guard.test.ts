import { describe, expect, it } from 'vitest';
import { guardedLookup, isRefusedAddress } from '../../src/providers/address-guard.ts';
import * as fake from '../support/fake-prometheus.ts';
import { providersForTest } from './asking.ts';

const REFUSED = [
  '0.0.0.0',
  '0.1.2.3',
  '169.254.169.254',
  '169.254.170.23',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::ffff:0.0.0.0',
  '::ffff:a9fe:a9fe',
  '::ffff:169.254.169.254',
  '::a9fe:a9fe',
  '::ffff:0:a9fe:a9fe',
  '::ffff:100.100.100.200',
  '64:ff9b::a9fe:a9fe',
  '2002:a9fe:a9fe::1',
  'fe80::1',
  'fe80::1%lo',
  'febf::1',
  'fd00:ec2::254',
  'FD00:0EC2:0:0:0:0:0:0254',
  'fd20:ce::254',
  'ff02::1',
  'not an address',
];

const ALLOWED = [
  '127.0.0.1',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.1.1',
  '100.64.0.1',
  '1.1.1.1',
  '::1',
  '::ffff:127.0.0.1',
  '64:ff9b::7f00:1',
  'fd00:ec3::1',
  'fc00::1',
  '2001:4860:4860::8888',
];

/** What a URL may hold instead of a plain address; the second is what it leads to. */
const REFUSED_URLS = [
  'http://0.0.0.0:9090',
  'http://0:9090',
  'http://[::]:9090',
  'http://169.254.169.254',
  'http://169.254.169.254.',
  'http://2852039166',
  'http://0xa9.0xfe.0xa9.0xfe',
  'http://0251.0376.0251.0376',
  'http://169.254.43518',
  'http://[::ffff:169.254.169.254]',
  'http://[::ffff:a9fe:a9fe]',
  'http://[64:ff9b::a9fe:a9fe]',
  'http://[fd00:ec2::254]',
  'http://[fe80::1]',
  'http://100.100.100.200',
  'http://224.0.0.1',
  'https://169.254.169.254',
];

describe('the address guard', () => {
  it.each(REFUSED)('refuses %s', (address) => {
    expect(isRefusedAddress(address)).toBe(true);
  });

  it.each(ALLOWED)('lets a provider live at %s', (address) => {
    expect(isRefusedAddress(address)).toBe(false);
  });

  it.each(REFUSED_URLS)('ends a question to %s before it is sent', async (url) => {
    const { measurement } = await providersForTest().ask({ url }, 3000);
    expect(measurement).toMatchObject({ kind: 'unavailable', reason: 'address-refused' });
    expect(JSON.stringify(measurement)).not.toMatch(/169\.254|a9fe|fd00|100\.100/);
  });

  it.each(['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '0177.0.0.1', '127.1'])(
    'lets a provider live at the URL http://%s',
    async (host) => {
      const server = await fake.startFakePrometheus();
      server.answer(() => fake.vector('1'));
      const { measurement } = await providersForTest().ask({ url: `http://${host}:${server.port}` });
      await server.stop();
      expect(measurement).toEqual({ kind: 'value', value: '1' });
    },
  );

  it.each([true, false])('judges what a name resolves to in the socket’s own lookup, all addresses %s', async (all) => {
    const resolved = (hostname: string) =>
      new Promise<unknown[]>((resolve) => guardedLookup(hostname, { all }, (...answer) => resolve(answer)));
    expect((await resolved('169.254.169.254'))[0]).toMatchObject({ code: 'ERR_ADDRESS_REFUSED' });
    expect((await resolved('localhost'))[0]).toBeNull();
    expect((await resolved('nobody.invalid'))[0]).toBeInstanceOf(Error);
  });

  it.each([
    ['refuses a name whose first address is refused', ['169.254.169.254', '10.0.0.1'], false],
    ['refuses a name whose last address is refused', ['10.0.0.1', '10.0.0.2', 'fe80::1'], false],
    ['refuses a name without addresses', [], false],
    ['takes a name none of whose addresses is refused', ['10.0.0.1', '::1'], true],
  ])('%s', (_, addresses, allowed) => {
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    const answer: Parameters<typeof guardedLookup>[3] = (_name, _options, give) => give(null, found);
    const told = [true, false].map((all) => {
      const errors: unknown[] = [];
      guardedLookup('name', { all }, (error) => errors.push(error), answer);
      return errors[0] === null;
    });
    expect(told).toEqual([allowed, allowed]);
  });
});
