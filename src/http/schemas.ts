import type { ErrorObject, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { type FieldError, pointerTo, unknownAmong } from '../domain/errors.ts';
import type { Json, JsonObject } from './document.ts';

/**
 * The schemas of the document as validators. Nothing is coerced and no default is filled in: what
 * passes is exactly what was sent, because a configuration has to be given back as it was put.
 *
 * Every error is told at once, but the work for it stays in proportion to what was sent: what is
 * inside a list or map that is already too large is not looked at, and no step is quadratic.
 */
export type Check = (value: unknown) => readonly FieldError[];

const ID = 'contract';

export class Schemas {
  readonly #ajv: Ajv2020;

  constructor(root: JsonObject) {
    this.#ajv = new Ajv2020({
      strict: true,
      strictRequired: false,
      strictTypes: false,
      allErrors: true,
      verbose: true,
      discriminator: true,
      keywords: ['components', 'mapping'],
    });
    addFormats.default(this.#ajv);
    this.#ajv.addFormat('date-time', isInstant);
    const components = (root.components ?? {}) as JsonObject;
    this.#ajv.addSchema({ $id: ID, components: { schemas: rebase(components.schemas ?? {}) } } as object);
  }

  /** Compiled at its first use, which throws when the schema itself is broken: a start would spend a tenth of its time on it. */
  check(schema: JsonObject): Check {
    let validate: ValidateFunction | null = null;
    return (value) => {
      validate ??= this.#ajv.compile(rebase(schema) as object);
      return validate(value) ? [] : fieldErrors(validate);
    };
  }
}

const { validate: isDateTime } = addFormats.default.get('date-time') as { validate(text: string): boolean };
const FIRST = Date.parse('0001-01-02T00:00:00Z');
const LAST = Date.parse('9999-12-30T00:00:00Z');

/** RFC 3339 allows offsets that no place has, and years that databases do not. */
function isInstant(text: string): boolean {
  const offset = Number(/[+-](\d\d):\d\d$/.exec(text)?.[1] ?? 0);
  const at = Date.parse(text);
  return isDateTime(text) && offset <= 14 && at >= FIRST && at <= LAST;
}

/**
 * References point into the registered document. Of a discriminator ajv refuses `mapping`, which only
 * generators need, and lets everything pass that is no object, unless the type says so.
 */
function rebase(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value.map((inner) => rebase(inner) as Json);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value as JsonObject).map(([key, inner]) => {
    if (key === '$ref' && typeof inner === 'string') return [key, inner.replace(/^#\//, `${ID}#/`)];
    if (key === 'discriminator') return [key, { propertyName: (inner as JsonObject).propertyName }];
    return [key, rebase(inner)];
  });
  const rebased = Object.fromEntries(entries) as JsonObject;
  return sizeFirst(isDiscriminated(rebased) ? { type: 'object', ...rebased } : rebased);
}

function isDiscriminated({ discriminator, oneOf }: JsonObject): boolean {
  return discriminator !== undefined && Array.isArray(oneOf);
}

/** Comparing all items with all others, or naming each of a million, is work that a limit is there to prevent. */
function sizeFirst(schema: JsonObject): JsonObject {
  const { items, uniqueItems, propertyNames, additionalProperties, ...rest } = schema;
  if (typeof rest.maxItems === 'number') {
    return { ...rest, if: { minItems: rest.maxItems + 1 }, else: given({ items, uniqueItems }) };
  }
  if (typeof rest.maxProperties === 'number' && rest.properties === undefined) {
    const inside = given({ propertyNames, additionalProperties });
    return { ...rest, if: { minProperties: rest.maxProperties + 1 }, else: inside };
  }
  return schema;
}

function given(keywords: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(keywords).filter(([, value]) => value !== undefined));
}

function fieldErrors(validate: ValidateFunction): readonly FieldError[] {
  const errors = (validate.errors ?? []).filter((error) => error.keyword !== 'if');
  const parts = [...new Set(errors.filter(isChoice).map((choice) => `${choice.schemaPath}/`))];
  const told = errors.filter((error) => isChoice(error) || !parts.some((part) => error.schemaPath.startsWith(part)));
  const named = told.map((error) => ({ pointer: pointerOf(error), message: messageOf(error) }));
  return [...new Map(named.map((one) => [`${one.pointer} ${one.message}`, one])).values()];
}

function isChoice({ keyword }: ErrorObject): boolean {
  return keyword === 'oneOf' || keyword === 'anyOf';
}

function pointerOf(error: ErrorObject): string {
  const params = error.params as {
    additionalProperty?: string;
    unevaluatedProperty?: string;
    missingProperty?: string;
    tag?: string;
  };
  const { additionalProperty, unevaluatedProperty, missingProperty, tag } = params;
  const name = additionalProperty ?? unevaluatedProperty ?? missingProperty ?? tag ?? error.propertyName;
  if (name === undefined) return error.instancePath;
  return pointerTo(error.instancePath, name);
}

const MESSAGES: Readonly<Record<string, (error: ErrorObject) => string>> = {
  additionalProperties: unknownMessage,
  unevaluatedProperties: unknownMessage,
  required: () => 'is missing',
  enum: (error) => `must be one of ${(error.schema as readonly unknown[]).map(String).join(', ')}`,
  const: (error) => `must be ${JSON.stringify(error.schema)}`,
  format: (error) =>
    error.schema === 'date-time' ? 'must be an instant that a calendar has' : (error.message ?? 'is wrong'),
  propertyNames: () => 'is not a valid name',
  oneOf: choiceMessage,
  anyOf: choiceMessage,
  discriminator: (error) => `needs a ${String((error.params as { tag?: unknown }).tag)} that is known`,
  pattern: patternMessage,
  minLength: ({ schema }) => `must have at least ${String(schema)} ${schema === 1 ? 'character' : 'characters'}`,
};

function messageOf(error: ErrorObject): string {
  return MESSAGES[error.keyword]?.(error) ?? error.message ?? 'is wrong';
}

function choiceMessage(error: ErrorObject): string {
  const branches = error.schema as readonly JsonObject[];
  const fields = branches.flatMap((branch) => (Array.isArray(branch.required) ? branch.required : []));
  const named = branches.every((branch) => branch.type === undefined) && fields.length === branches.length;
  const count = error.keyword === 'oneOf' ? 'exactly' : 'at least';
  return named
    ? `needs ${count} one of ${fields.join(', ')}`
    : `has none of the forms that are allowed here${inBrackets(error)}`;
}

function unknownMessage({ parentSchema }: ErrorObject): string {
  return unknownAmong(Object.keys((parentSchema?.properties as object | undefined) ?? {}));
}

function patternMessage(error: ErrorObject): string {
  const form = described(error);
  return form === null
    ? `must match ${String(error.schema)}`
    : `must be of this form: ${form} (${String(error.schema)})`;
}

function inBrackets(error: ErrorObject): string {
  const about = described(error);
  return about === null ? '' : ` (${about})`;
}

function described(error: ErrorObject): string | null {
  const about = (error.parentSchema as { description?: unknown } | undefined)?.description;
  return typeof about === 'string' ? about.replace(/\.$/, '') : null;
}
