import type { ConfigKey, Ports } from '../../app/ports.ts';
import { previewRule } from '../../app/preview.ts';
import type { RuleDocument } from '../../domain/rule.ts';
import { type Handlers, ok } from '../answer.ts';
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
    previewRule: {
      handle: async ({ path, query, body }) => {
        const { version = null, ring = null, at = null } = query;
        return ok(
          await previewRule(ports, {
            ...path,
            version,
            ring,
            at,
            document: (body as RuleDocument | undefined) ?? null,
          }),
        );
      },
    },
    deleteRule: { handle: (call) => remove(ports, keyOf(call.path), call) },
  };
}
