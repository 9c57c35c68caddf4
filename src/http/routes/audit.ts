import { getDecision, getEntry, listDecisions, listEntries } from '../../app/audit.ts';
import type { EntryFilter, Ports } from '../../app/ports.ts';
import { replay } from '../../app/replay-decision.ts';
import { validity } from '../../app/validity.ts';
import { type Handlers, ok } from '../answer.ts';
import { pageIn } from './page-in.ts';

type Ids = 'listDecisions' | 'getDecision' | 'replayDecision' | 'getValidity' | 'listEntries' | 'getEntry';

/** Reading the record. Nothing here changes anything. */
export function auditHandlers(ports: Ports): Pick<Handlers, Ids> {
  return {
    listDecisions: { handle: async ({ query }) => ok(await listDecisions(ports, filterIn(query), pageIn(query))) },
    getDecision: { handle: async ({ path }) => ok(await getDecision(ports, path.id)) },
    replayDecision: { handle: async ({ path }) => ok(await replay(ports, path.id)) },
    getValidity: { handle: async ({ path }) => ok(await validity(ports, path.id)) },
    listEntries: { handle: async ({ query }) => ok(await listEntries(ports, filterIn(query), pageIn(query))) },
    getEntry: { handle: async ({ path }) => ok(await getEntry(ports, path.id)) },
  };
}

function filterIn(query: EntryFilter & { readonly limit?: number; readonly cursor?: string }): EntryFilter {
  const { limit: _limit, cursor: _cursor, ...filter } = query;
  return filter;
}
