import { describe, expect, it } from 'vitest';
import { createWorker } from '../src/worker.ts';

/** A worker whose timer and work are in the test's hands. */
function aWorker() {
  const timers: { ms: number; run: () => void; off: boolean }[] = [];
  const runs: { done(more?: boolean): void; fail(error: unknown): void }[] = [];
  const failures: unknown[] = [];
  const worker = createWorker({
    everyMs: 2000,
    after(ms, run) {
      const timer = { ms, run, off: false };
      timers.push(timer);
      return () => {
        timer.off = true;
      };
    },
    run: () => new Promise<boolean>((done, fail) => runs.push({ done: (more = false) => done(more), fail })),
    failed: (error) => failures.push(error),
  });
  return { worker, timers, runs, failures };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the worker', () => {
  it('runs again some time after a run is over, and never two at once', async () => {
    const { worker, timers, runs } = aWorker();
    worker.start();
    worker.start();
    expect([runs.length, timers.length]).toEqual([1, 0]);
    runs[0]?.done();
    await settled();
    expect(timers.map(({ ms }) => ms)).toEqual([2000]);
    timers[0]?.run();
    expect(runs).toHaveLength(2);
  });

  it('runs again at once while there is more to do', async () => {
    const { worker, timers, runs } = aWorker();
    worker.start();
    runs[0]?.done(true);
    await settled();
    expect(timers.map(({ ms }) => ms)).toEqual([0]);
  });

  it('goes on after a run that failed, and tells', async () => {
    const { worker, timers, runs, failures } = aWorker();
    worker.start();
    runs[0]?.fail('broken');
    await settled();
    expect([failures, timers.length]).toEqual([['broken'], 1]);
  });

  it('stops when what runs is over, and begins nothing new', async () => {
    const { worker, timers, runs } = aWorker();
    worker.start();
    let stopped = false;
    const stopping = worker.stop().then(() => {
      stopped = true;
    });
    await settled();
    expect(stopped).toBe(false);
    runs[0]?.done();
    await stopping;
    expect(timers).toEqual([]);
    worker.start();
    expect(runs).toHaveLength(1);
  });

  it('calls off the run that is planned', async () => {
    const { worker, timers, runs } = aWorker();
    worker.start();
    runs[0]?.done();
    await settled();
    await worker.stop();
    expect(timers.map(({ off }) => off)).toEqual([true]);
  });

  it('stops without ever having begun', async () => {
    const { worker, runs } = aWorker();
    await worker.stop();
    expect(runs).toEqual([]);
  });
});
