import type { FieldError } from './errors.ts';
import { msOf } from './instant.ts';
import { ALL_CHECKS, WAIVABLE } from './waive.ts';

/** Break-glass as somebody asks for it. */
export interface OverrideWish {
  readonly rings: readonly string[];
  readonly checks: readonly string[];
  readonly reason: string;
  /** RFC 3339. */
  readonly expiresAt: string;
}

/** What an override may name, and the instant at which it is made. */
export interface OverrideGround {
  readonly at: string;
  readonly rings: readonly string[];
  readonly rules: readonly string[];
}

const LEAST_REASON = 20;
const LONGEST_MS = 24 * 3_600_000;

/** All that is wrong with it, field by field. */
export function checkOverride(wish: OverrideWish, ground: OverrideGround): readonly FieldError[] {
  const { rings, checks, reason, expiresAt } = wish;
  return [
    ...listErrors('/rings', rings, (ring) =>
      ground.rings.includes(ring) ? null : `there is no such ring; the plan has ${ground.rings.join(', ')}`,
    ),
    ...listErrors('/checks', checks, (check) => wrongCheck(check, ground)),
    ...(reason.trim().length < LEAST_REASON
      ? [
          {
            pointer: '/reason',
            message: `must have at least ${LEAST_REASON} characters: somebody will want to understand it`,
          },
        ]
      : []),
    ...expiryErrors(expiresAt, ground.at),
  ];
}

function listErrors(
  pointer: string,
  items: readonly string[],
  wrong: (item: string) => string | null,
): readonly FieldError[] {
  if (items.length === 0) return [{ pointer, message: 'must name at least one' }];
  return items.flatMap((item, i) => {
    const message = items.indexOf(item) < i ? 'is named twice' : wrong(item);
    return message === null ? [] : [{ pointer: `${pointer}/${i}`, message }];
  });
}

function wrongCheck(check: string, { rules }: OverrideGround): string | null {
  if (check === ALL_CHECKS || WAIVABLE.some((name) => name === check)) return null;
  if (!check.startsWith('rule/')) return `must be one of ${[...WAIVABLE, 'rule/<name>', ALL_CHECKS].join(', ')}`;
  if (rules.includes(check.slice('rule/'.length))) return null;
  return rules.length === 0 ? 'the service has no rules' : `there is no such rule; there are ${rules.join(', ')}`;
}

function expiryErrors(expiresAt: string, at: string): readonly FieldError[] {
  const pointer = '/expiresAt';
  const left = msOf(expiresAt) - msOf(at);
  if (Number.isNaN(left)) return [{ pointer, message: 'is not an instant that exists' }];
  if (left <= 0) return [{ pointer, message: `must lie in the future; it is ${at}` }];
  return left > LONGEST_MS ? [{ pointer, message: `must be at most 24h ahead; it is ${at}` }] : [];
}
