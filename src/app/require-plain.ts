import { unwantedIn } from '../domain/audit/plain-text.ts';
import { invalid } from '../domain/errors.ts';

/** What people write is kept exactly, so it must be fit to be kept. @throws GateError `invalid-request` naming every field. */
export function requirePlain(request: object): void {
  const errors = unwantedIn(request);
  if (errors.length > 0) throw invalid(errors);
}
