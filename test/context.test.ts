import { describe, expect, it } from 'vitest';
import { systemRuntime } from '../src/context.ts';

describe('the ids of the running service', () => {
  it('are UUIDs of version 7 that sort by birth, also many within one millisecond', () => {
    const { newId } = systemRuntime();
    const ids = Array.from({ length: 20_000 }, newId);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort()).toEqual(ids);
    expect(ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(
      true,
    );
  });

  it('carry the time, so that they sort over restarts too', () => {
    const before = Date.now();
    const id = systemRuntime().newId();
    const ms = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
    expect(ms).toBeGreaterThanOrEqual(before);
    expect(ms).toBeLessThanOrEqual(Date.now());
  });
});
