import type { Handlers } from '../answer.ts';
import type { HttpContext } from '../app.ts';
import { docsHandlers } from '../docs/docs-handlers.ts';
import { approvalHandlers } from './approvals.ts';
import { auditHandlers } from './audit.ts';
import { freezeHandlers } from './freezes.ts';
import { gateHandlers } from './gates.ts';
import { githubHandlers } from './github.ts';
import { haltHandlers } from './halts.ts';
import { openSloHandlers } from './openslo.ts';
import { overrideHandlers } from './overrides.ts';
import { providerHandlers } from './providers.ts';
import { releaseHandlers } from './releases.ts';
import { ruleHandlers } from './rules.ts';
import { serviceHandlers } from './services.ts';
import { systemHandlers } from './system.ts';
import { tokenHandlers } from './tokens.ts';

/** Every operation of the contract. The type refuses a missing one, the start a superfluous one. */
export function allHandlers(context: HttpContext, contractText: string): Handlers {
  const { ports } = context;
  return {
    ...gateHandlers(context),
    ...releaseHandlers(ports),
    ...providerHandlers(ports),
    ...serviceHandlers(ports),
    ...ruleHandlers(ports),
    ...freezeHandlers(ports),
    ...githubHandlers(ports),
    ...openSloHandlers(ports, context.contract),
    ...haltHandlers(ports),
    ...approvalHandlers(ports),
    ...overrideHandlers(ports),
    ...auditHandlers(ports),
    ...tokenHandlers(ports),
    ...systemHandlers(context, contractText),
    ...docsHandlers(),
  };
}
