import { GateError } from '../domain/errors.ts';
import type { Principal, Right, Role } from './ports.ts';

/**
 * Who may what. Duties are kept apart on purpose: whoever writes the rules or hands out tokens does
 * not decide about releases, and what a person has to answer for can never be done anonymously.
 */
const RIGHTS: Readonly<Record<Role, readonly Right[]>> = {
  pipeline: ['ask', 'deploy', 'read'],
  configurator: ['configure', 'read'],
  operator: ['operate', 'ask', 'read'],
  auditor: ['read', 'audit'],
  admin: ['administer', 'read', 'audit'],
};

/** Everybody on a loopback address as long as no token exists: every role but the one that needs a person. */
export const ANONYMOUS: Principal = {
  kind: 'anonymous',
  id: null,
  name: 'anonymous',
  roles: ['pipeline', 'configurator', 'auditor', 'admin'],
  changes: ['standard'],
};

export const ROLES = Object.keys(RIGHTS) as readonly Role[];

/** Every right that the role has. */
export function rightsOf(role: Role): readonly Right[] {
  return RIGHTS[role];
}

/** True when one of the caller's roles has the right. */
export function hasRight(principal: Principal, right: Right): boolean {
  return principal.roles.some((role) => RIGHTS[role].includes(right));
}

/**
 * Any one of the rights is enough.
 * @throws GateError `forbidden` naming the missing right and the roles that have it.
 */
export function requireRight(principal: Principal, ...rights: readonly Right[]): void {
  if (rights.some((right) => hasRight(principal, right))) return;
  const roles = ROLES.filter((role) => rights.some((right) => RIGHTS[role].includes(right)));
  const advice =
    principal.kind === 'anonymous'
      ? `this needs a person: create a token with \`ringgate token create --name <who> --role ${roles[0]}\` and send it`
      : `it takes a token of the role ${roles.join(' or ')}`;
  throw new GateError('forbidden', `${principal.name} lacks the right ${rights.join(' or ')}; ${advice}`);
}
