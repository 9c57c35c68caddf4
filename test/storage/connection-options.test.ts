import { describe, expect, it } from 'vitest';
import { withOptions } from '../../src/storage/connection-options.ts';

const OURS = '-c plan_cache_mode=force_generic_plan';

describe('The options of a connection', () => {
  it('are ours where the URL has none, which stays as it is', () => {
    const url = 'postgres://me:p%40ss@db/ringgate?sslmode=require';
    expect(withOptions(url, OURS)).toEqual({ connectionString: url, options: OURS });
  });

  it("are the URL's and then ours where it has some, and the rest of the URL stays", () => {
    expect(withOptions('postgres://me@db/r?options=-c%20search_path%3Drg&sslmode=require', OURS)).toEqual({
      connectionString: 'postgres://me@db/r?sslmode=require',
      options: `-c search_path=rg ${OURS}`,
    });
    expect(withOptions('postgres:///r?host=%2Frun%2Fpg&options=-c work_mem=8MB', '')).toEqual({
      connectionString: 'postgres:///r?host=%2Frun%2Fpg',
      options: '-c work_mem=8MB',
    });
  });

  it('are ours where the URL cannot be read, which the connection then tells', () => {
    expect(withOptions('/run/postgresql ringgate', OURS).options).toBe(OURS);
  });
});
