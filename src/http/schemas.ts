import type { ErrorObject, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { FieldError } from '../domain/errors.ts';
import type { Json, JsonObject } from './document.ts';

/**
 * The schemas of the document as validators. Nothing is coerced and no default is filled in: what
 * passes is exactly what was sent, because a configuration has to be given back as it was put.
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
    const components = (root.components ?? {}) as JsonObject;
    this.#ajv.addSchema({ $id: ID, components: { schemas: rebase(components.schemas ?? {}) } } as object);
  }

  /** Throws when the schema itself is broken. */
  compile(schema: JsonObject): Check {
    const validate = this.#ajv.compile(rebase(schema) as object);
    return (value) => (validate(value) ? [] : fieldErrors(validate));
  }
}

/** References point into the registered document; ajv refuses `discriminator.mapping`, which only generators need. */
function rebase(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value.map((inner) => rebase(inner) as Json);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value as JsonObject).map(([key, inner]) => {
      if (key === '$ref' && typeof inner === 'string') return [key, inner.replace(/^#\//, `${ID}#/`)];
      if (key === 'discriminator') return [key, { propertyName: (inner as JsonObject).propertyName }];
      return [key, rebase(inner)];
    }),
  );
}

function fieldErrors(validate: ValidateFunction): readonly FieldError[] {
  const errors = validate.errors ?? [];
  const choices = errors.filter((error) => error.keyword === 'oneOf' || error.keyword === 'anyOf');
  const parts = choices.map((choice) => `${choice.schemaPath}/`);
  const branches = errors.filter((error) => parts.some((part) => error.schemaPath.startsWith(part)));
  const told = errors.filter((error) => !branches.includes(error) || choices.includes(error));
  const named = told.map((error) => ({ pointer: pointerOf(error), message: messageOf(error) }));
  return named.filter(
    (one, i) => named.findIndex((other) => other.pointer === one.pointer && other.message === one.message) === i,
  );
}

function pointerOf(error: ErrorObject): string {
  const params = error.params as {
    additionalProperty?: string;
    unevaluatedProperty?: string;
    missingProperty?: string;
  };
  const name = params.additionalProperty ?? params.unevaluatedProperty ?? params.missingProperty ?? error.propertyName;
  if (name === undefined) return error.instancePath;
  return `${error.instancePath}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

const MESSAGES: Readonly<Record<string, (error: ErrorObject) => string>> = {
  additionalProperties: () => 'is not known',
  unevaluatedProperties: () => 'is not known',
  required: () => 'is missing',
  enum: (error) => `must be one of ${(error.schema as readonly unknown[]).map(String).join(', ')}`,
  const: (error) => `must be ${JSON.stringify(error.schema)}`,
  propertyNames: () => 'is not a valid name',
  oneOf: choiceMessage,
  anyOf: choiceMessage,
  discriminator: (error) => `needs a ${String((error.params as { tag?: unknown }).tag)} that is known`,
  pattern: (error) => `must match ${String(error.schema)}${describe(error)}`,
};

function messageOf(error: ErrorObject): string {
  return MESSAGES[error.keyword]?.(error) ?? error.message ?? 'is wrong';
}

function choiceMessage(error: ErrorObject): string {
  const branches = error.schema as readonly JsonObject[];
  const fields = branches.flatMap((branch) => (Array.isArray(branch.required) ? branch.required : []));
  const named = branches.every((branch) => branch.type === undefined) && fields.length === branches.length;
  const count = error.keyword === 'oneOf' ? 'exactly' : 'at least';
  return named ? `needs ${count} one of ${fields.join(', ')}` : 'has none of the forms that are allowed here';
}

function describe(error: ErrorObject): string {
  const about = (error.parentSchema as { description?: unknown } | undefined)?.description;
  return typeof about === 'string' ? ` (${about.replace(/\.$/, '')})` : '';
}
