/**
 * A bounded number of places per name, given out in the order of asking, and a bounded queue before
 * them. Whoever gives up while waiting leaves the queue; a name nobody uses any more takes no memory.
 */
export interface Slots {
  /** Resolves with the function that frees the place, or with null when too many wait already; rejects with the signal's reason. */
  take(name: string, signal: AbortSignal): Promise<(() => void) | null>;
}

interface Queue {
  busy: number;
  readonly waiting: Set<() => void>;
}

export function createSlots(size: number, longestQueue = Number.POSITIVE_INFINITY): Slots {
  const queues = new Map<string, Queue>();

  const freeing = (name: string, queue: Queue): (() => void) => {
    let freed = false;
    return () => {
      if (freed) return;
      freed = true;
      const [next] = queue.waiting;
      if (next !== undefined) return next();
      queue.busy -= 1;
      if (queue.busy === 0) queues.delete(name);
    };
  };

  return {
    async take(name, signal) {
      signal.throwIfAborted();
      const queue = queues.get(name) ?? { busy: 0, waiting: new Set() };
      queues.set(name, queue);
      if (queue.busy < size) queue.busy += 1;
      else if (queue.waiting.size >= longestQueue) return null;
      else await turnIn(queue.waiting, signal);
      return freeing(name, queue);
    },
  };
}

/** Waits until the place of somebody else is handed over; `busy` stays as it is. */
function turnIn(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const enter = () => {
      waiting.delete(enter);
      signal.removeEventListener('abort', leave);
      resolve();
    };
    const leave = () => {
      waiting.delete(enter);
      reject(signal.reason);
    };
    waiting.add(enter);
    signal.addEventListener('abort', leave, { once: true });
  });
}
