import { describe, expect, it } from 'vitest';
import { JointWork, limited } from '../../src/app/joint-work.ts';
import { rest, stateOf } from '../support/fake-time.ts';

/** Work that is done when the test says so. */
function works() {
  const begun: PromiseWithResolvers<number>[] = [];
  const work = () => {
    const one = Promise.withResolvers<number>();
    begun.push(one);
    return one.promise;
  };
  return { begun, work };
}

describe('joint work', () => {
  it('is done once for all who ask before it begins', async () => {
    const { begun, work } = works();
    const joint = new JointWork<number>();
    const asked = [joint.run('a', work), joint.run('a', work), joint.run('a', work)];
    await rest();
    expect(begun).toHaveLength(1);
    begun[0]?.resolve(1);
    expect(await Promise.all(asked)).toEqual([1, 1, 1]);
  });

  it('is done anew, once, for all who ask while it is being done', async () => {
    const { begun, work } = works();
    const joint = new JointWork<number>();
    const first = joint.run('a', work);
    await rest();
    const later = [joint.run('a', work), joint.run('a', work)];
    await rest();
    expect(begun).toHaveLength(1);
    begun[0]?.resolve(1);
    expect(await first).toBe(1);
    await rest();
    expect(begun).toHaveLength(2);
    begun[1]?.resolve(2);
    expect(await Promise.all(later)).toEqual([2, 2]);
  });

  it('keeps keys apart, and forgets them', async () => {
    const { begun, work } = works();
    const joint = new JointWork<number>();
    void joint.run('a', work);
    void joint.run('b', work);
    await rest();
    expect(begun).toHaveLength(2);
    begun[0]?.resolve(1);
    await rest();
    void joint.run('a', work);
    await rest();
    expect(begun).toHaveLength(3);
  });

  it('is given the latest result for as long as somebody stays', async () => {
    const joint = new JointWork<number>();
    const given: (number | null)[] = [];
    const work = async (latest: number | null) => {
      given.push(latest);
      return given.length;
    };
    const leave = [joint.stay('a'), joint.stay('a')];
    await joint.run('a', work);
    await joint.run('a', work);
    leave[0]?.();
    await joint.run('a', work);
    leave[1]?.();
    await joint.run('a', work);
    expect(given).toEqual([null, 1, 2, null]);
  });

  it('fails for those who share it and for nobody else', async () => {
    const { begun, work } = works();
    const joint = new JointWork<number>();
    const first = joint.run('a', work);
    first.catch(() => undefined);
    await rest();
    const second = joint.run('a', work);
    begun[0]?.reject(new Error('no'));
    await expect(first).rejects.toThrow('no');
    await rest();
    begun[1]?.resolve(2);
    expect(await second).toBe(2);
  });
});

describe('limited work', () => {
  it('runs so many at once and the others in their order, also after one has failed', async () => {
    const { begun, work } = works();
    const limit = limited(2);
    const asked = [1, 2, 3, 4].map(() => limit(work));
    for (const one of asked) one.catch(() => undefined);
    await rest();
    expect(begun).toHaveLength(2);
    begun[1]?.reject(new Error('no'));
    await rest();
    expect(begun).toHaveLength(3);
    expect(await stateOf(asked[2] as Promise<number>)).toBe('pending');
    begun[2]?.resolve(3);
    expect(await asked[2]).toBe(3);
    expect(begun).toHaveLength(4);
  });
});
