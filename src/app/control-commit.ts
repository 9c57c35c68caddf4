import type { ControlRow, Ports, RequestContext, Revisions, Write } from './ports.ts';
import { type EntryFields, entryFrom, recordBody } from './record.ts';

export type ControlPorts = Pick<Ports, 'store' | 'events' | 'runtime' | 'origin' | 'gateVersion'>;

/** What somebody did to a halt, an approval or an override. */
export interface ControlChange {
  /** `halt-create`, `approval-withdraw` … */
  readonly kind: string;
  readonly at: string;
  readonly before: ControlRow | null;
  readonly after: ControlRow;
  readonly ring: string | null;
  readonly reason: string | null;
  /** What must still hold; empty for what may never be refused. */
  readonly expects: Revisions;
  /** What it changes beside itself. */
  readonly writes?: readonly Write[];
}

/**
 * Records the act and what it changes in one commit, which every decision that is being taken about
 * the same service will notice (law 5). The entry of something new bears its id. False when the state
 * has changed meanwhile.
 */
export async function commitControl(
  ports: ControlPorts,
  context: RequestContext,
  change: ControlChange,
): Promise<boolean> {
  const { kind, before, after, expects } = change;
  const { service, document } = after;
  const id = before === null ? document.id : ports.runtime.newId();
  const entry = entryFrom(id, recordBody(ports, context, id, fieldsOf(context, change)));
  const raises = [service === null ? 'global' : `service/${service}`];
  const writes = [{ kind: 'put-control', control: after } as const, ...(change.writes ?? [])];
  if ((await ports.store.append({ entry, expects, raises, writes })) !== 'recorded') return false;
  ports.events.changed({ request: context, kind, subject: document.id });
  return true;
}

function fieldsOf(context: RequestContext, { kind, at, before, after, ring, reason }: ControlChange): EntryFields {
  const { service, version } = after;
  return {
    kind,
    at,
    service,
    release: service === null || version === null ? null : `${service}@${version}`,
    ring,
    reason,
    actor: context.principal.name,
    before: before?.document ?? null,
    after: after.document,
  };
}
