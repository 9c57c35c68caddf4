export interface ConnectionOptions {
  readonly connectionString: string;
  readonly options: string;
}

/**
 * What the URL says in `options`, which is how people choose a schema, followed by what we ask for. Given both,
 * node-postgres would take the URL's and drop ours.
 */
export function withOptions(databaseUrl: string, ours: string): ConnectionOptions {
  const url = URL.parse(databaseUrl);
  const theirs = url?.searchParams.getAll('options') ?? [];
  if (url === null || theirs.length === 0) return { connectionString: databaseUrl, options: ours };
  url.searchParams.delete('options');
  return { connectionString: url.href, options: [...theirs, ours].join(' ').trim() };
}
