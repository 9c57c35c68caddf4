import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProviderDocument } from '../../src/app/ports.ts';
import { aRule } from '../support/builders.ts';
import { curlExpecting, type RunningCurl, runLine, saidTimes } from '../support/curl.ts';
import { openEngine, type TestEngine } from '../support/engines.ts';
import { type GateProcess, startGate } from '../support/gate-process.ts';

/** Word for word what pipelines are told to write. */
const ONE_LINER =
  'curl -sS --fail-with-body -o gate.json --retry 1000 --retry-connrefused --retry-max-time 7200 "$GATE/gates/$RELEASE/$RING"';
/** curl's own exit code for an answer of 400 and above. */
const REFUSED_BY_STATUS = 22;
const STORY_MS = 90_000;

const PLAN = {
  rings: [
    { name: 'pilot', exposure: 0.1, bake: '10s' },
    { name: 'rest', exposure: 0.9, bake: '10s' },
  ],
};

/** What the provider has recorded: requests of every release, none of which fail but those of 6.6. */
function provider(total: number): ProviderDocument {
  const answers = [
    { contains: ['6.6'], part: 'bad' as const, value: String(total) },
    { part: 'bad' as const, value: '0' },
    { part: 'total' as const, value: String(total) },
  ];
  return { kind: 'recorded', answers };
}

describe('The one line that a pipeline needs', () => {
  const home = mkdtempSync(join(tmpdir(), 'ringgate-one-liner-'));
  let engine: TestEngine;
  let gate: GateProcess;
  let url: string;
  let line: RunningCurl | undefined;

  const start = async (port: string) => {
    gate = startGate([], { DATA_DIR: engine.dataDir, PORT: port });
    url = String((await gate.logged('listening')).url);
  };
  const put = (path: string, body: unknown) => curlExpecting([200, 201], url + path, { method: 'PUT', body });
  const letIn = async (version: string) => {
    await curlExpecting([200], `${url}/gates/checkout@${version}/pilot`);
    await put(`/releases/checkout@${version}/rings/pilot`, { state: 'deployed' });
  };
  const run = (version: string) => {
    line = runLine(ONE_LINER, home, { GATE: url, RELEASE: `checkout@${version}`, RING: 'rest' });
    return line;
  };
  const result = () => JSON.parse(readFileSync(join(home, 'gate.json'), 'utf8'));
  const decisions = async (version: string): Promise<{ id: string; verdict: string }[]> =>
    (await curlExpecting([200], `${url}/decisions?release=checkout@${version}&ring=rest`)).body.items;

  beforeAll(async () => {
    engine = await openEngine('embedded');
    // The line stays as it is; its home lets a test see what curl meets on its way.
    writeFileSync(join(home, '.curlrc'), 'verbose\n');
    await start('0');
    await put('/providers/main', provider(1000));
    await put('/services/checkout', PLAN);
    await put('/services/checkout/rules/errors', aRule());
  }, STORY_MS);

  afterAll(async () => {
    line?.child.kill('SIGKILL');
    gate?.child.kill('SIGKILL');
    await gate?.ended;
    await engine?.destroy();
    rmSync(home, { recursive: true, force: true });
  });

  it(
    'waits through a bake, a restart of the gate and too little traffic, and succeeds when the verdict turns',
    async () => {
      await letIn('1.0');
      const waiting = run('1.0');
      await saidTimes(waiting, '< HTTP/1.1 429', 1);
      await put('/providers/main', provider(60));
      gate.child.kill('SIGTERM');
      expect(await gate.ended).toBe(0);
      await saidTimes(waiting, 'Connection refused', 1);
      await start(new URL(url).port);
      await saidTimes(waiting, '< HTTP/1.1 429', 2);
      await put('/providers/main', provider(1000));
      expect(await waiting.ended).toBe(0);
      expect(result()).toMatchObject({ verdict: 'promote', release: 'checkout@1.0', ring: 'rest', audit: {} });
      const asked = await decisions('1.0');
      expect(asked.map(({ verdict }) => verdict)).toEqual(['promote', 'hold', 'hold']);
      expect(asked[0]?.id).toBe(result().id);
    },
    STORY_MS,
  );

  it('is written so in the README', () => {
    expect(readFileSync('README.md', 'utf8').split('\n')).toContain(ONE_LINER);
  });

  it.each([
    ['a rollback, which it must not wait out', '6.6', 409, 'rollback', 'objective-breached'],
    ['a hold that needs somebody, which time does not clear', '9.9', 423, 'hold', 'previous-ring-missing'],
  ])('ends at once at %s, and leaves the answer in the file', async (_title, version, status, verdict, cause) => {
    if (verdict === 'rollback') await letIn(version);
    const refused = run(version);
    expect(await refused.ended).toBe(REFUSED_BY_STATUS);
    expect(refused.stderr()).toContain(`< HTTP/1.1 ${status}`);
    expect(refused.stderr()).toContain(`< Gate-Verdict: ${verdict}`);
    const { findings, ...told } = result();
    expect(told).toMatchObject({ verdict, release: `checkout@${version}` });
    expect(findings).toContainEqual(expect.objectContaining({ cause, countedAs: verdict }));
    expect(await decisions(version)).toHaveLength(1);
  });
});
