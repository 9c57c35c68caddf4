import type { ConfigKey, Ports } from '../../app/ports.ts';
import { type PreviewRequest, previewRule } from '../../app/preview.ts';
import { requireRight } from '../../app/rights.ts';
import type { RuleDocument } from '../../domain/rule.ts';
import { type Call, type Handlers, ok } from '../answer.ts';
import { list, put, read, remove } from './configuration.ts';

interface RulePath {
  readonly service: string;
  readonly rule: string;
}

const keyOf = ({ service, rule }: RulePath): ConfigKey => ({ kind: 'rule', owner: service, name: rule });

export function ruleHandlers(
  ports: Ports,
): Pick<Handlers, 'listRules' | 'getRule' | 'putRule' | 'deleteRule' | 'previewRule'> {
  return {
    listRules: { handle: ({ path, query }) => list(ports, 'rule', path.service, query) },
    getRule: { handle: ({ path }) => read(ports, keyOf(path)) },
    putRule: {
      handle: (call) =>
        put(ports, keyOf(call.path), call.body, call, `/services/${call.path.service}/rules/${call.path.rule}`),
    },
    previewRule: { handle: async (call) => ok(await previewRule(ports, previewIn(call))) },
    deleteRule: { handle: (call) => remove(ports, keyOf(call.path), call) },
  };
}

/** A rule of the caller's own is a query of the caller's own: whoever may not save it may not have it asked either. */
function previewIn({ path, query, body, context }: Call<'previewRule'>): PreviewRequest {
  if (body !== undefined) requireRight(context.principal, 'configure');
  const { version = null, ring = null, at = null } = query;
  return { ...path, version, ring, at, document: (body as RuleDocument | undefined) ?? null };
}
