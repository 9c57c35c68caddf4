/**
 * Values made from the schemas of openapi.yaml: valid ones, and valid ones with exactly one thing
 * wrong at a place whose JSON Pointer is known, so that a test can demand that the refusal names it.
 */
import type { Json, JsonObject } from '../../src/http/document.ts';
import { resolve } from '../../src/http/document.ts';
import type { Dice } from './hostile-dice.ts';
import { aFieldValue, aValid } from './hostile-names.ts';
import { HOSTILE_TEXTS, LONE_SURROGATES } from './hostile-texts.ts';

/** A place in a value together with what the contract says of it. */
interface Site {
  readonly path: readonly string[];
  readonly value: unknown;
  readonly schema: JsonObject;
  /** Inside a oneOf or anyOf, where a refusal may name the choice instead of the field. */
  readonly choice: readonly string[] | null;
}

export interface Wrong {
  readonly what: string;
  readonly value: unknown;
  /** The field that must be named. */
  readonly pointer: string;
  /** The choice that may be named instead. */
  readonly orPointer: string | null;
}

type Branch = { readonly schema: JsonObject; readonly name: string | null };

export interface SchemaValues {
  valid(dice: Dice, schema: Json): unknown;
  /** `value` with one thing wrong in it; null when the dice chose what cannot be made wrong. */
  wrong(dice: Dice, schema: Json, value: unknown): Wrong | null;
  /** `value` with a hostile text at one or two of its texts: may be valid, must do no harm. */
  hostile(dice: Dice, schema: Json, value: unknown): unknown;
}

export function schemaValues(root: JsonObject): SchemaValues {
  const branchOf = (schema: Json): Branch => {
    const ref = (schema as JsonObject).$ref;
    const name = typeof ref === 'string' ? (ref.split('/').at(-1) ?? null) : null;
    return { schema: { ...resolve(root, schema), ...withoutRef(schema as JsonObject) }, name };
  };

  const valid = (dice: Dice, given: Json): unknown => {
    const { schema, name } = branchOf(given);
    const known = aValid(dice, name);
    if (known !== undefined) return known;
    if (schema.const !== undefined) return schema.const;
    if (Array.isArray(schema.enum)) return dice.pick(schema.enum as Json[]);
    if (schema.properties === undefined && Array.isArray(schema.oneOf)) return valid(dice, dice.pick(schema.oneOf));
    if (schema.properties === undefined && Array.isArray(schema.anyOf)) return valid(dice, dice.pick(schema.anyOf));
    if (schema.type === 'object') return validObject(dice, schema);
    if (schema.type === 'array') return validArray(dice, schema);
    if (schema.type === 'boolean') return dice.chance(0.5);
    if (schema.type === 'integer') return Number(schema.minimum ?? 0) + dice.below(50);
    if (schema.type === 'number') {
      return dice.pick(
        schema.maximum === undefined ? [0.01, 0.25, 2000, 1e308, -1e308, 5e-324, 1e21, -0] : [0, 0.01, 0.25, 1],
      );
    }
    return dice.pick(['a', 'checkout', '1']);
  };

  const validObject = (dice: Dice, schema: JsonObject): unknown => {
    const properties = (schema.properties ?? {}) as JsonObject;
    const alternatives = (schema.oneOf ?? schema.anyOf ?? []) as readonly JsonObject[];
    const either = alternatives.flatMap(({ required }) => (required ?? []) as string[]);
    const chosen = alternatives.length === 0 ? [] : ((dice.pick(alternatives).required ?? []) as string[]);
    const needed = [...((schema.required ?? []) as string[]), ...chosen];
    const atLeastOne = schema.minProperties === undefined ? [] : [dice.pick(Object.keys(properties))];
    const names = Object.keys(properties).filter(
      (each) => needed.includes(each) || atLeastOne.includes(each) || (!either.includes(each) && dice.chance(0.35)),
    );
    const made = names.map((each) => [each, aFieldValue(dice, each) ?? valid(dice, properties[each] ?? {})] as const);
    if (typeof schema.additionalProperties === 'object' && dice.chance(0.5)) {
      made.push([dice.pick(['tier', 'team', 'region']), 'a']);
    }
    return Object.fromEntries(made);
  };

  const validArray = (dice: Dice, schema: JsonObject): unknown => {
    const items = Array.from({ length: Math.max(Number(schema.minItems ?? 0), dice.below(3)) }, () =>
      valid(dice, schema.items ?? {}),
    );
    return schema.uniqueItems === true
      ? [...new Map(items.map((item) => [JSON.stringify(item), item])).values()]
      : items;
  };

  const sitesOf = (given: Json, value: unknown, path: readonly string[], choice: Site['choice']): Site[] => {
    const { schema } = branchOf(given);
    if (schema.properties === undefined && Array.isArray(schema.oneOf)) {
      const branch = schema.oneOf.find((each) => fitsBranch(branchOf(each).schema, value)) ?? schema.oneOf[0] ?? {};
      return sitesOf(branch, value, path, path);
    }
    const own: Site = { path, value, schema, choice: schema.oneOf === undefined ? choice : path };
    if (Array.isArray(value)) {
      const items = schema.items ?? {};
      return [own, ...value.flatMap((inner, i) => sitesOf(items, inner, [...path, String(i)], own.choice))];
    }
    if (typeof value !== 'object' || value === null) return [own];
    const properties = (schema.properties ?? {}) as JsonObject;
    const rest = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : {};
    const inside = Object.entries(value).flatMap(([key, inner]) =>
      sitesOf(properties[key] ?? rest ?? {}, inner, [...path, key], own.choice),
    );
    return [own, ...inside];
  };

  return {
    valid,
    wrong(dice, schema, value) {
      const site = dice.pick(sitesOf(schema, value, [], null));
      const made = spoil(dice, site);
      if (made === null) return null;
      const { what, at, to } = made;
      const orPointer = site.choice === null ? null : pointerOf(site.choice);
      return { what, value: replaced(value, site.path, to), pointer: pointerOf(at), orPointer };
    },
    hostile(dice, schema, value) {
      const texts = sitesOf(schema, value, [], null).filter((site) => typeof site.value === 'string');
      if (texts.length === 0) return value;
      const once = replaced(value, dice.pick(texts).path, dice.pick(HOSTILE_TEXTS));
      return dice.chance(0.3) ? replaced(once, dice.pick(texts).path, dice.pick(HOSTILE_TEXTS)) : once;
    },
  };
}

interface Spoilt {
  readonly what: string;
  readonly at: readonly string[];
  readonly to: unknown;
}

/** Everything that can be wrong at one place, one thing at a time. */
function spoil(dice: Dice, { path, value, schema }: Site): Spoilt | null {
  const here = (what: string, to: unknown): Spoilt => ({ what, at: path, to });
  const options: Spoilt[] = [];
  const otherTypes = [null, [], {}, 'text', 7, true, ['a'], 1e300].filter((each) => typeName(each) !== typeName(value));
  if (schema.type !== undefined || schema.enum !== undefined) options.push(here('type', dice.pick(otherTypes)));
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const required = ((schema.required ?? []) as string[]).filter((name) => name in value);
    if (required.length > 0) {
      const name = dice.pick(required);
      options.push({ what: 'missing', at: [...path, name], to: without(value, name) });
    }
    if (schema.additionalProperties === false) {
      const name = dice.pick(['unknown', 'verdict', 'role_', 'constructor', 'toString', 'a/b', 'a~b', 'ID']);
      options.push({ what: 'extra', at: [...path, name], to: { ...value, [name]: 1 } });
    }
    options.push({ what: '__proto__', at: [...path, '__proto__'], to: withProto(value) });
    const { maxProperties } = schema;
    if (typeof maxProperties === 'number') {
      const many = Object.fromEntries(Array.from({ length: maxProperties + 1 }, (_, i) => [`k${i}`, 'a']));
      options.push(here('too many fields', many));
    }
  }
  if (Array.isArray(value)) {
    const { maxItems, minItems, uniqueItems } = schema;
    if (typeof maxItems === 'number') {
      options.push(
        here(
          'too many items',
          Array.from({ length: maxItems + 1 }, () => value[0] ?? 'a'),
        ),
      );
    }
    if (typeof minItems === 'number' && minItems > 0) options.push(here('too few items', []));
    if (uniqueItems === true && value.length > 0) options.push(here('repeated items', [...value, value[0]]));
  }
  if (typeof value === 'string') options.push(...wrongTexts(dice, schema, value).map(([what, to]) => here(what, to)));
  if (typeof value === 'number') {
    if (schema.minimum !== undefined) options.push(here('too small', Number(schema.minimum) - 1));
    if (schema.maximum !== undefined) options.push(here('too large', Number(schema.maximum) + 1));
    if (schema.type === 'integer') options.push(here('not whole', 1.5));
  }
  return options.length === 0 ? null : dice.pick(options);
}

function wrongTexts(dice: Dice, schema: JsonObject, value: string): [string, string][] {
  const half = Math.floor(value.length / 2);
  const inside = (text: string) => value.slice(0, half) + text + value.slice(half);
  const options: [string, string][] = [
    ['NUL', inside('\0')],
    ['control character', inside('\u001b[2J')],
    ['lone surrogate', inside(dice.pick(LONE_SURROGATES))],
  ];
  if (typeof schema.maxLength === 'number') options.push(['too long', `${value}${'x'.repeat(schema.maxLength + 1)}`]);
  if (Array.isArray(schema.enum)) {
    options.push(
      ['wrong case', value.toUpperCase()],
      ['unknown word', `${value}x`],
      ['blank', ''],
      ['padded', ` ${value}`],
    );
  }
  if (typeof schema.pattern === 'string' || schema.const !== undefined) {
    const fits = new RegExp(String(schema.pattern ?? `^${schema.const}$`), 'u');
    for (const text of ['', ' ', value.toUpperCase(), `${value} `, inside('\u202e'), inside('/'), `${value}'--`]) {
      if (!fits.test(text)) options.push(['pattern', text]);
    }
  }
  return options;
}

/** By its kind where it has one, otherwise by its type and the fields that it must have. */
function fitsBranch(schema: JsonObject, value: unknown): boolean {
  const kind = ((schema.properties as JsonObject | undefined)?.kind as JsonObject | undefined)?.const;
  if (kind !== undefined) return (value as { kind?: unknown } | null)?.kind === kind;
  const required = (schema.required ?? []) as string[];
  return schema.type === typeName(value) && required.every((name) => Object.hasOwn(value as object, name));
}

/** Written out as JSON it has `__proto__` as an ordinary key, which no literal can say. */
function withProto(value: object): object {
  const made = { ...value };
  const descriptor = { value: { polluted: true }, enumerable: true };
  return Object.defineProperty(made, '__proto__', descriptor);
}

function without(value: object, name: string): object {
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== name));
}

function withoutRef(schema: JsonObject): JsonObject {
  const { $ref: _, ...rest } = schema;
  return rest;
}

function replaced(value: unknown, [first, ...rest]: readonly string[], to: unknown): unknown {
  if (first === undefined) return to;
  const inner = replaced((value as Record<string, unknown>)[first], rest, to);
  if (Array.isArray(value)) return value.map((each, i) => (String(i) === first ? inner : each));
  return { ...(value as object), [first]: inner };
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

export function pointerOf(path: readonly string[]): string {
  return path.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
