import { deleteConfig, getConfig, listConfigs, putConfig } from '../../app/catalogue.ts';
import type { ConfigKey, ConfigKind, ConfigRow, Ports, RequestContext } from '../../app/ports.ts';
import { type Answer, ok } from '../answer.ts';
import { pageIn } from './page-in.ts';

/** What providers, services and rules have in common: documents under names. */
interface Change {
  readonly query: { readonly reason?: string };
  readonly headers: { readonly ifMatch: string | null; readonly ifNoneMatch: string | null };
  readonly context: RequestContext;
}

/** Exactly the document; what is known about it is in headers. */
export async function read(ports: Ports, key: ConfigKey): Promise<Answer> {
  const row = await getConfig(ports, key);
  return ok(row.document, metadata(row));
}

/** The documents of a kind, each with its name. */
export async function list(
  ports: Ports,
  kind: ConfigKind,
  owner: string | null,
  query: { readonly limit?: number; readonly cursor?: string },
): Promise<Answer> {
  const page = await listConfigs(ports, kind, owner, pageIn(query));
  const items = page.items.map(({ name, document }) => ({ name, ...(document as object) }));
  return ok({ items, next: page.next });
}

/** The saved document and what is doubtful about it. `path` is where it can be read. */
export async function put(
  ports: Ports,
  key: ConfigKey,
  document: unknown,
  change: Change,
  path: string,
): Promise<Answer> {
  const { created, row, warnings } = await putConfig(ports, change.context, key, document, optionsOf(change));
  const headers = { ...metadata(row), ...(created ? { Location: path } : {}) };
  return { status: created ? 201 : 200, headers, json: { ...(row.document as object), warnings } };
}

export async function remove(ports: Ports, key: ConfigKey, change: Change): Promise<Answer> {
  await deleteConfig(ports, change.context, key, optionsOf(change));
  return { status: 204 };
}

function optionsOf({ query, headers }: Change) {
  return { ...headers, reason: query.reason ?? null };
}

function metadata(row: ConfigRow): Record<string, string> {
  return { ETag: `"${row.etag}"`, 'Last-Modified': new Date(row.updatedAt).toUTCString(), 'Cache-Control': 'no-cache' };
}
