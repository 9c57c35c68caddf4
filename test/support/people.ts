import type { RequestContext } from '../../src/app/ports.ts';
import { requestBy } from './memory-ports.ts';

/** An operator of that name, with a token of their own. */
export function operator(name: string): RequestContext {
  const request = requestBy('operator');
  return { ...request, principal: { ...request.principal, id: idOf(name), name } };
}

function idOf(name: string): string {
  return `0190a000-0000-7000-8000-${Buffer.from(name).toString('hex').padStart(12, '0').slice(-12)}`;
}
