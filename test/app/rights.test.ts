import { describe, expect, it } from 'vitest';
import type { Principal, Right, Role } from '../../src/app/ports.ts';
import { ANONYMOUS, hasRight, requireRight, rightsOf } from '../../src/app/rights.ts';
import { GateError } from '../../src/domain/errors.ts';

const RIGHTS: readonly Right[] = ['ask', 'deploy', 'read', 'configure', 'operate', 'audit', 'administer'];

function holder(...roles: readonly Role[]): Principal {
  return { kind: 'token', id: 't1', name: 'somebody', roles, changes: ['standard'] };
}

describe('rights', () => {
  it.each([
    ['pipeline', ['ask', 'deploy', 'read']],
    ['configurator', ['configure', 'read']],
    ['operator', ['ask', 'operate', 'read']],
    ['auditor', ['audit', 'read']],
    ['admin', ['administer', 'audit', 'read']],
  ] as const)('of a %s are exactly %j', (role, rights) => {
    expect([...rightsOf(role)].sort()).toEqual(rights);
    expect(RIGHTS.filter((right) => hasRight(holder(role), right)).sort()).toEqual(rights);
  });

  it('add up over roles, and are none without a role', () => {
    expect(hasRight(holder('auditor', 'pipeline'), 'deploy')).toBe(true);
    expect(RIGHTS.filter((right) => hasRight(holder(), right))).toEqual([]);
  });

  it('keep those who configure or administer away from decisions', () => {
    for (const right of ['ask', 'deploy', 'operate'] as const) {
      expect(hasRight(holder('admin', 'configurator', 'auditor'), right)).toBe(false);
    }
  });

  it('give the anonymous caller everything but what needs a person', () => {
    expect(RIGHTS.filter((right) => !hasRight(ANONYMOUS, right))).toEqual(['operate']);
    expect(ANONYMOUS.changes).toEqual(['standard']);
  });
});

describe('requireRight', () => {
  it('tells the anonymous caller to create an operator token', () => {
    expect(() => requireRight(ANONYMOUS, 'operate')).toThrow(/needs a person.*token create.*--role operator/);
  });

  it('names the missing right and who has it', () => {
    const refusal = (): void => requireRight(holder('pipeline'), 'audit');
    expect(refusal).toThrow(GateError);
    expect(refusal).toThrow(/lacks the right audit.*auditor or admin/);
    expect(() => requireRight(holder('auditor'), 'audit')).not.toThrow();
  });

  it('is content with any one of several rights', () => {
    expect(() => requireRight(holder('operator'), 'deploy', 'operate')).not.toThrow();
    expect(() => requireRight(holder('auditor'), 'deploy', 'operate')).toThrow(
      /deploy or operate.*pipeline or operator/,
    );
  });
});
