import type { ConfigKey, Ports } from '../../app/ports.ts';
import type { Handlers } from '../answer.ts';
import { list, put, read, remove } from './configuration.ts';

interface RulePath {
  readonly service: string;
  readonly rule: string;
}

const keyOf = ({ service, rule }: RulePath): ConfigKey => ({ kind: 'rule', owner: service, name: rule });

export function ruleHandlers(ports: Ports): Pick<Handlers, 'listRules' | 'getRule' | 'putRule' | 'deleteRule'> {
  return {
    listRules: { handle: ({ path, query }) => list(ports, 'rule', path.service, query) },
    getRule: { handle: ({ path }) => read(ports, keyOf(path)) },
    putRule: {
      handle: (call) =>
        put(ports, keyOf(call.path), call.body, call, `/services/${call.path.service}/rules/${call.path.rule}`),
    },
    deleteRule: { handle: (call) => remove(ports, keyOf(call.path), call) },
  };
}
