import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { RIGHTS_IN_CONTRACT, type RightOrPublic } from './rights-in-contract.ts';

/**
 * openapi.yaml as far as the service acts on it. The document is the only place where an operation,
 * its right and its limits are stated; whatever is missing there stops the start, because an
 * operation without a stated right would otherwise have to be guessed.
 */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };
export type JsonObject = { readonly [key: string]: Json | undefined };

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: JsonObject;
}

export interface Operation {
  readonly id: string;
  readonly method: string;
  /** As in the document: `/gates/{release}/{ring}`. */
  readonly path: string;
  /** Any one of these is enough. */
  readonly rights: readonly RightOrPublic[];
  readonly parameters: readonly Parameter[];
  readonly body: RequestBody | null;
  /** True where the token may also come as the password of HTTP Basic: for programs that can send nothing else. */
  readonly takesBasic: boolean;
  /** True where the token may also stand in the body: for Flagger, whose webhooks send no headers. */
  readonly takesTokenInBody: boolean;
  /** Status → media type → schema; null where a status has no content. */
  readonly responses: Readonly<Record<string, Readonly<Record<string, JsonObject | null>>>>;
}

export interface RequestBody {
  readonly required: boolean;
  /** The schema for each media type it is taken in; anything but JSON is text. */
  readonly media: Readonly<Record<string, JsonObject>>;
  /** The first of them and its schema: the one that is advised. */
  readonly type: string;
  readonly schema: JsonObject;
  readonly limit: number;
  /** Given to the operation as the bytes that came, because those are what is signed. It checks them itself. */
  readonly signed: boolean;
}

export interface ContractDocument {
  readonly text: string;
  readonly root: JsonObject;
  readonly operations: readonly Operation[];
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch'];

/** Reads and parses the document. Throws when it is not usable. */
export function loadDocument(path: string): ContractDocument {
  const text = readFileSync(path, 'utf8');
  return documentFrom(text);
}

export function documentFrom(text: string): ContractDocument {
  const root = parse(text) as JsonObject;
  const operations = Object.entries(objectOf(root.paths)).flatMap(([path, item]) =>
    METHODS.filter((method) => objectOf(item)[method] !== undefined).map((method) =>
      operationFrom(root, path, method, objectOf(item)),
    ),
  );
  return { text, root, operations };
}

function operationFrom(root: JsonObject, path: string, method: string, item: JsonObject): Operation {
  const raw = objectOf(item[method]);
  const id = raw.operationId;
  if (typeof id !== 'string') throw new Error(`openapi.yaml: ${method} ${path} has no operationId`);
  const parameters = [...listOf(item.parameters), ...listOf(raw.parameters)].map((p) => parameterFrom(root, p));
  return {
    id,
    method,
    path,
    rights: rightsFrom(id, raw['x-right']),
    parameters,
    body: bodyFrom(root, id, raw),
    takesBasic: listOf(raw.security).some((scheme) => 'basic' in objectOf(scheme)),
    takesTokenInBody: raw['x-token-in-body'] === true,
    responses: responsesFrom(root, objectOf(raw.responses)),
  };
}

function rightsFrom(id: string, stated: Json | undefined): readonly RightOrPublic[] {
  const rights = (Array.isArray(stated) ? stated : [stated]) as readonly Json[];
  const known = rights.filter((right) => RIGHTS_IN_CONTRACT.includes(right as RightOrPublic));
  if (known.length === 0 || known.length < rights.length) throw new Error(`openapi.yaml: ${id} has no valid x-right`);
  return known as readonly RightOrPublic[];
}

function parameterFrom(root: JsonObject, reference: Json): Parameter {
  const raw = resolve(root, reference);
  const schema = objectOf(raw.schema);
  return { name: String(raw.name), in: raw.in as Parameter['in'], required: raw.required === true, schema };
}

function bodyFrom(root: JsonObject, id: string, raw: JsonObject): Operation['body'] {
  if (raw.requestBody === undefined) return null;
  const body = resolve(root, raw.requestBody);
  const limit = raw['x-body-limit'];
  if (typeof limit !== 'number') throw new Error(`openapi.yaml: ${id} takes a body but has no x-body-limit`);
  const content = Object.entries(objectOf(body.content));
  const media = Object.fromEntries(content.map(([type, of]) => [type, objectOf(objectOf(of).schema)]));
  const first = Object.entries(media)[0];
  if (first === undefined) throw new Error(`openapi.yaml: ${id} names no media type for its body`);
  const signed = raw['x-right'] === 'signed';
  return { required: body.required === true, media, type: first[0], schema: first[1], limit, signed };
}

function responsesFrom(root: JsonObject, responses: JsonObject): Operation['responses'] {
  return Object.fromEntries(
    Object.entries(responses).map(([status, reference]) => {
      const content = objectOf(resolve(root, reference ?? null).content);
      const schemas = Object.entries(content).map(([type, media]) => [type, objectOf(objectOf(media).schema)] as const);
      return [status, Object.fromEntries(schemas)];
    }),
  );
}

/** Follows a local `$ref` to what it names. */
export function resolve(root: JsonObject, value: Json): JsonObject {
  const object = objectOf(value);
  if (typeof object.$ref !== 'string') return object;
  const steps = object.$ref.replace(/^#\//, '').split('/');
  const found = steps.reduce<Json | undefined>((at, step) => objectOf(at)[step], root);
  if (found === undefined) throw new Error(`openapi.yaml: ${object.$ref} does not exist`);
  return resolve(root, found);
}

function objectOf(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}
