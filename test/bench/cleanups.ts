/**
 * Whatever was started is ended again, the last first, however the run ends. A second signal does not
 * wait for that.
 */
const stack: (() => unknown)[] = [];

export function atEnd(cleanup: () => unknown): void {
  stack.push(cleanup);
}

export async function cleanUp(): Promise<void> {
  for (let cleanup = stack.pop(); cleanup !== undefined; cleanup = stack.pop()) {
    await Promise.resolve(cleanup()).catch((error) => console.error(error));
  }
}

/** Runs the work within its time, then cleans up. Gives the exit code. */
export async function bounded(work: () => Promise<void>, minutes: number): Promise<number> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`not done after ${minutes} minutes`)), minutes * 60_000);
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => late.reject(new Error(`ended by ${name}`)));
  }
  try {
    await Promise.race([work(), late.promise]);
    return 0;
  } catch (error) {
    console.error(error);
    return 1;
  } finally {
    clearTimeout(timer);
    await cleanUp();
  }
}
