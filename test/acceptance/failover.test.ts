import { afterEach, describe, expect, it } from 'vitest';
import { runSql } from '../support/databases.ts';
import { type Failover, startFailover } from '../support/failover.ts';
import type { Answer } from '../support/gate.ts';
import { until } from '../support/poll.ts';
import { shopUsers } from '../support/shop-users.ts';

const causes = ({ body }: Answer): string[] => body.findings.map(({ cause }: { cause: string }) => cause);

/** The state at which the gate has cached the plan and the lives of release 1. */
async function revisionOf(url: string): Promise<number> {
  const rows = await runSql(url, `select n from revision where scope = 'service/shop'`);
  return Number(rows[0]?.n);
}

describe('After a failover', () => {
  let failover: Failover;
  afterEach(() => failover.stop());

  /** Release 1 is proven in canary and let into early, and then the standby takes over. */
  async function afterLives({ lost, fenced = true }: { lost: boolean; fenced?: boolean }) {
    failover = await startFailover();
    const { gate, primary, standby, proxy } = failover;
    const users = shopUsers(gate);
    await users.plans();
    await standby.caughtUp();
    if (lost) await standby.cutOff();
    await users.proves('1', 'canary');
    const cached = await revisionOf(primary.url);
    expect(await users.verdict('1', 'early')).toBe('promote');
    if (!lost) await standby.caughtUp();
    expect(await runSql(standby.url, 'select history_now() as n')).toEqual([{ n: null }]);
    if (fenced) await primary.halt();
    await standby.promote();
    proxy.switchTo(standby.url);
    if (fenced) await users.answers();
    return { ...users, cached };
  }

  it('to a standby that had lagged, nothing is believed that the new primary does not know, whatever its numbers are', async () => {
    const users = await afterLives({ lost: true });
    await users.proves('7', 'canary');
    expect(await revisionOf(failover.standby.url)).toBe(users.cached);
    const answer = await users.ask('1', 'early');
    expect(answer.headers.get('gate-verdict')).toBe('hold');
    expect(causes(answer)).toContain('previous-ring-missing');
    expect(answer.body.live).toEqual([]);
  });

  it('to a standby that had lagged, a halt on the new primary holds what a lost history had let through', async () => {
    const users = await afterLives({ lost: true });
    for (const version of ['8', '9', '1']) expect((await users.halt({ release: `shop@${version}` })).status).toBe(201);
    expect(await revisionOf(failover.standby.url)).toBe(users.cached);
    const answer = await users.ask('1', 'early');
    expect([answer.status, causes(answer)]).toEqual([423, expect.arrayContaining(['halted'])]);
  });

  it('to a standby that had everything, the rollout goes on where it was', async () => {
    const users = await afterLives({ lost: false });
    await users.proves('7', 'canary');
    expect(await users.verdict('1', 'early')).toBe('promote');
  });

  it('the old primary is left for good, also where nobody has stopped it', async () => {
    const users = await afterLives({ lost: true, fenced: false });
    const { gate, primary, standby } = failover;
    const writers = `select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'ringgate' and query ilike 'commit%'`;
    expect(await runSql(primary.url, writers)).not.toEqual([]);
    const made = await until('a halt', async () => {
      const answer = await users.halt({ release: 'shop@1' });
      return answer.status === 201 ? answer : null;
    });
    const listed = await gate.call('GET', '/halts', { as: 'operator' });
    expect(listed.body.items.map(({ id }: { id: string }) => id)).toEqual([made.body.id]);
    const answer = await users.ask('1', 'early');
    expect([answer.status, causes(answer)]).toEqual([423, expect.arrayContaining(['halted'])]);
    expect(await users.verdict('7', 'canary')).toBe('promote');
    expect((await gate.call('GET', '/readyz')).status).toBe(200);
    expect(await runSql(standby.url, 'select count(*)::int as halts from control')).toEqual([{ halts: 1 }]);
  });

  it('readiness finds the way back, where reading and writing had reached two servers', async () => {
    const users = await afterLives({ lost: true, fenced: false });
    const { gate, primary, standby } = failover;
    const readers = `select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'ringgate' and query not ilike 'commit%' and query not ilike '%pg_terminate%'`;
    await runSql(primary.url, readers);
    await until('readiness', async () => ((await gate.call('GET', '/readyz')).status === 200 ? true : null));
    expect((await users.halt({ release: 'shop@1' })).status).toBe(201);
    expect(await runSql(standby.url, 'select count(*)::int as halts from control')).toEqual([{ halts: 1 }]);
  });
});
