/** Something that is done again and again beside answering requests. */
export interface Worker {
  start(): void;
  /** Begins nothing new; resolves when what runs is done. */
  stop(): Promise<void>;
}

export interface Work {
  /** From the end of one run to the beginning of the next, unless there is more to do. */
  readonly everyMs: number;
  readonly after: (ms: number, run: () => void) => () => void;
  /** True when there is more to do at once. */
  readonly run: () => Promise<boolean>;
  /** Told what a run has thrown; the next one comes all the same. */
  readonly failed: (error: unknown) => void;
}

/** Runs never overlap: the next one is planned when the last one is over. */
export function createWorker({ everyMs, after, run, failed }: Work): Worker {
  let state: 'new' | 'running' | 'stopped' = 'new';
  let current: Promise<unknown> = Promise.resolve();
  let cancel = () => {};
  const once = () => {
    current = run()
      .catch((error: unknown) => failed(error))
      .then((more) => {
        if (state === 'running') cancel = after(more === true ? 0 : everyMs, once);
      });
  };
  return {
    start() {
      if (state !== 'new') return;
      state = 'running';
      once();
    },
    async stop() {
      state = 'stopped';
      cancel();
      await current;
    },
  };
}
