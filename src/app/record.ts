import { canonicalJson, leafHash } from '../domain/audit/canonical.ts';
import { scrub, scrubText } from '../domain/audit/plain-text.ts';
import { personKey } from '../domain/person.ts';
import type { NewEntry, Ports, RequestContext } from './ports.ts';

/**
 * The envelope of every record, in one place, so that whoever reads the log finds who, when, what
 * and why under the same names in a decision, a changed rule and a start of the service. What one
 * kind has beyond that stands beside it; it can never replace a field of the envelope.
 */
export interface EntryFields {
  readonly kind: string;
  /** The instant it holds for, from the store's clock, RFC 3339 UTC. */
  readonly at: string;
  readonly service?: string | null;
  /** `service@version`. */
  readonly release?: string | null;
  readonly ring?: string | null;
  readonly verdict?: string | null;
  readonly causes?: readonly string[];
  readonly policyVersion?: string | null;
  /** The person behind the call, as the caller states it. */
  readonly actor?: string | null;
  readonly reason?: string | null;
  readonly [own: string]: unknown;
}

/** Nobody asked: the service itself, at its start for example. */
const SYSTEM = { kind: 'system', id: null, name: 'ringgate' } as const;

/** What is recorded, as plain data: the envelope and the kind's own fields. `context` null means the service itself. */
export function recordBody(
  ports: Pick<Ports, 'origin' | 'gateVersion'>,
  context: RequestContext | null,
  id: string,
  fields: EntryFields,
): Record<string, unknown> {
  const caller = context?.principal ?? SYSTEM;
  return {
    service: null,
    release: null,
    ring: null,
    verdict: null,
    causes: [],
    policyVersion: null,
    actor: null,
    reason: null,
    ...fields,
    v: 1,
    origin: ports.origin,
    id,
    gateVersion: ports.gateVersion,
    caller: { kind: caller.kind, id: caller.id, name: caller.name },
    request: context === null ? null : { id: context.requestId, ip: context.ip },
    /** JSON Pointers of what was removed before recording. Secrets never get this far, so nothing is. */
    masked: [],
  };
}

/**
 * The entry of a body that is ready: its canonical text, scrubbed of what no database or terminal
 * should be given, and its leaf hash.
 * @throws TypeError when the body is not plain JSON data: a defect, never the caller's fault.
 */
export function entryFrom(id: string, body: object): NewEntry {
  const text = cleanText(body);
  return { id, body: text, leafHash: leafHash(text), person: personIn(body) };
}

function personIn({ actor }: { readonly actor?: unknown }): string | null {
  return typeof actor === 'string' ? personKey(scrubText(actor)) : null;
}

/** How everything that has to be scrubbed looks in canonical JSON, and a little more; lone surrogates have none. */
const SUSPICIOUS = /\\[bfru]|[\u007f-\u009f]/;

/** Looking through the text once costs less than walking through the body before. */
function cleanText(body: object): string {
  try {
    const text = canonicalJson(body);
    if (!SUSPICIOUS.test(text)) return text;
  } catch {
    // What stays wrong after scrubbing is told below.
  }
  return canonicalJson(scrub(body));
}

/** A new record under a new id. */
export function newEntry(
  ports: Pick<Ports, 'runtime' | 'origin' | 'gateVersion'>,
  context: RequestContext | null,
  fields: EntryFields,
): NewEntry {
  const id = ports.runtime.newId();
  return entryFrom(id, recordBody(ports, context, id, fields));
}
