import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requirePreconditions } from '../../src/app/preconditions.ts';

const tag = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 1, maxLength: 4 });
const tags = fc.array(fc.record({ value: tag, weak: fc.boolean() }), { maxLength: 4 });

function headerOf(list: readonly { value: string; weak: boolean }[]): string {
  return list.map(({ value, weak }) => `${weak ? 'W/' : ''}"${value}"`).join(', ');
}

function holds(current: string | null, headers: { ifMatch?: string; ifNoneMatch?: string }): boolean {
  try {
    requirePreconditions(current, { ifMatch: headers.ifMatch ?? null, ifNoneMatch: headers.ifNoneMatch ?? null });
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'precondition-failed' });
    return false;
  }
}

describe('preconditions', () => {
  it('hold when none were sent', () => {
    expect(holds(null, {})).toBe(true);
    expect(holds('a', {})).toBe(true);
  });

  it('of If-Match hold exactly when a strong tag of the list is the current one', () => {
    fc.assert(
      fc.property(fc.option(tag), tags, (current, list) => {
        const expected = list.some(({ value, weak }) => value === current && !weak);
        expect(holds(current, { ifMatch: headerOf(list) })).toBe(expected);
      }),
    );
  });

  it('of If-None-Match fail exactly when any tag of the list, weak or strong, is the current one', () => {
    fc.assert(
      fc.property(fc.option(tag), tags, (current, list) => {
        const expected = !list.some(({ value }) => value === current);
        expect(holds(current, { ifNoneMatch: headerOf(list) })).toBe(expected);
      }),
    );
  });

  it('with * ask only whether something is there', () => {
    expect(holds('a', { ifMatch: '*' })).toBe(true);
    expect(holds(null, { ifMatch: '*' })).toBe(false);
    expect(holds('a', { ifNoneMatch: ' * ' })).toBe(false);
    expect(holds(null, { ifNoneMatch: '*' })).toBe(true);
  });

  it.each(['a', '', "'a'", '"a'])('of If-Match fail when the header is %j, which is no list of tags', (header) => {
    expect(holds('a', { ifMatch: header })).toBe(false);
  });
});
