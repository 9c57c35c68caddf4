import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { parse } from 'yaml';
import type { ApprovalRequest } from '../src/app/approvals.ts';
import type * as documents from '../src/app/documents.ts';
import type { HaltRequest } from '../src/app/halts.ts';
import type { OverrideDocument, OverrideRequest } from '../src/app/overrides.ts';
import type { GithubAppDocument, ProviderDocument } from '../src/app/ports.ts';
import type { TokenDocument } from '../src/app/tokens.ts';
import { CAUSES } from '../src/domain/cause.ts';
import type { Approval, Halt } from '../src/domain/controls.ts';
import type { FreezeDocument } from '../src/domain/freeze.ts';
import type { RuleDocument } from '../src/domain/rule.ts';
import type { ServiceDocument } from '../src/domain/service.ts';
import type { Handlers } from '../src/http/answer.ts';
import type { components } from '../src/http/api.gen.ts';
import { contractFrom, loadContract } from '../src/http/contract.ts';
import { documentFrom, type JsonObject, resolve } from '../src/http/document.ts';
import { PROBLEMS } from '../src/http/problem.ts';
import { Schemas } from '../src/http/schemas.ts';

const path = fileURLToPath(new URL('../openapi.yaml', import.meta.url));
const text = readFileSync(path, 'utf8');
const document = documentFrom(text);
const root = document.root;
const schemas = new Schemas(root);
const named = Object.entries((root.components as JsonObject).schemas as Record<string, JsonObject>);

interface Example {
  readonly where: string;
  readonly schema: JsonObject;
  readonly value: unknown;
}

/** Every example of the document with the schema it stands for. */
function examplesIn(node: unknown, where: string): readonly Example[] {
  if (typeof node !== 'object' || node === null) return [];
  const object = node as Record<string, unknown>;
  const schema = object.schema as JsonObject | undefined;
  const ofMedia = Object.entries((schema === undefined ? {} : (object.examples ?? {})) as JsonObject).map(
    ([name, each]) => ({
      where: `${where}/${name}`,
      schema: schema as JsonObject,
      value: resolve(root, each as JsonObject).value,
    }),
  );
  const ofParameter =
    schema !== undefined && object.example !== undefined ? [{ where, schema, value: object.example }] : [];
  const inside = Object.entries(object).flatMap(([key, inner]) => examplesIn(inner, `${where}/${key}`));
  return [...ofMedia, ...ofParameter, ...inside];
}

const raw = (id: string): JsonObject => {
  const operation = document.operations.find((each) => each.id === id);
  const item = (root.paths as Record<string, JsonObject>)[operation?.path ?? ''] ?? {};
  return item[operation?.method ?? ''] as JsonObject;
};

describe.each(document.operations.map((operation) => [operation.id, operation] as const))(
  'the operation %s',
  (id, operation) => {
    it('has a summary, a description and a tag', () => {
      expect(raw(id)).toMatchObject({
        summary: expect.stringMatching(/.{5,}/),
        description: expect.stringMatching(/.{10,}/),
      });
      expect(raw(id).tags).toHaveLength(1);
    });

    it('answers wrong requests, and callers who may not, with a documented problem', () => {
      const credential = operation.rights.includes('signed') ? ['401'] : ['401', '403'];
      const expected = operation.rights.includes('public') ? ['400'] : ['400', ...credential];
      const problems = Object.entries(operation.responses).filter(
        ([, content]) => 'application/problem+json' in content,
      );
      expect(problems.map(([status]) => status)).toEqual(expect.arrayContaining(expected));
    });

    it('has a success and an example for everything it sends or takes', () => {
      expect(Object.keys(operation.responses).some((status) => status.startsWith('2'))).toBe(true);
      const media = [raw(id).requestBody, ...Object.values(raw(id).responses as JsonObject)]
        .filter((each) => each !== undefined)
        .flatMap((each) =>
          Object.values((resolve(root, each as JsonObject).content ?? {}) as Record<string, JsonObject>),
        );
      for (const each of media) expect(Object.keys((each.examples ?? {}) as object).length).toBeGreaterThan(0);
    });

    it('refuses unknown fields in its body, unless somebody else decides what is in it', () => {
      if (operation.body === null || operation.body.type !== 'application/json' || operation.body.signed) return;
      const closed = (schema: JsonObject): boolean => {
        const found = resolve(root, schema);
        const variants = found.oneOf as readonly JsonObject[] | undefined;
        return found.additionalProperties === false || (variants?.every(closed) ?? false);
      };
      expect(closed(operation.body.schema)).toBe(true);
    });
  },
);

describe('the document', () => {
  it('has ids in camelCase, each once', () => {
    const ids = document.operations.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z]+(?:[A-Z][a-z]+)*$/);
  });

  it('describes every schema, parameter and property', () => {
    const missing = named.filter(([, schema]) => schema.description === undefined).map(([name]) => name);
    const properties = named.flatMap(([name, schema]) =>
      Object.entries((schema.properties ?? {}) as Record<string, JsonObject>)
        .filter(([, property]) => resolve(root, property).description === undefined)
        .map(([property]) => `${name}.${property}`),
    );
    expect([...missing, ...properties]).toEqual([]);
  });

  it('has no schema that fails when it is first used', () => {
    const { operations } = document;
    const inRequests = operations.flatMap(({ parameters, body }) => [
      ...parameters.map(({ schema }) => schema),
      ...Object.values(body?.media ?? {}),
    ]);
    const inAnswers = operations.flatMap(({ responses }) =>
      Object.values(responses).flatMap((of) => Object.values(of)),
    );
    const every = [
      ...inRequests,
      ...inAnswers.filter((schema) => schema !== null),
      ...named.map(([, schema]) => schema),
    ];
    for (const schema of every) expect(() => schemas.check(schema)(null)).not.toThrow();
    expect(every.length).toBeGreaterThan(300);
    expect(() => schemas.check({ type: 'object', propertys: {} })(null)).toThrow('propertys');
  });

  it('has examples that fit their schemas', () => {
    const ofSchemas = named.flatMap(([name, schema]) =>
      ((schema.examples ?? []) as readonly unknown[]).map((value) => ({ where: name, schema, value })),
    );
    const all = [...examplesIn(root.paths, ''), ...examplesIn(root.components, ''), ...ofSchemas];
    const wrong = all.flatMap(({ where, schema, value }) =>
      schemas
        .check(schema)(value)
        .map((error) => [where, error]),
    );
    expect(wrong).toEqual([]);
    expect(all.length).toBeGreaterThan(150);
  });

  it('has an example for every schema', () => {
    const composed = ['DecisionFields', 'Decision', 'DecisionWithFacts'];
    const without = named.filter(([name, schema]) => schema.examples === undefined && !composed.includes(name));
    expect(without.map(([name]) => name)).toEqual([]);
  });

  it('lists exactly the causes of the domain', () => {
    const listed = (name: string) => new Map(named).get(name)?.enum;
    expect(listed('PromoteCause')).toEqual(CAUSES.promote);
    expect(listed('HoldCause')).toEqual(CAUSES.hold);
    expect(listed('RollbackCause')).toEqual(CAUSES.rollback);
  });

  it('lists exactly the codes of problems', () => {
    const code = ((new Map(named).get('Problem')?.properties ?? {}) as Record<string, JsonObject>).code;
    expect(code?.enum).toEqual(Object.keys(PROBLEMS));
  });

  it('is YAML that every reader understands: no anchors, aliases or merge keys', () => {
    expect(parse(text, { maxAliasCount: 0 })).toEqual(parse(text));
    expect(text).not.toMatch(/<<:/);
  });

  it('lets nobody but the public operations be used without a credential', () => {
    const open = document.operations.filter(({ rights }) => rights.includes('public')).map(({ id }) => id);
    expect(open).toEqual(['getLivez', 'getReadyz', 'getMetrics', 'getContract', 'getDocs', 'getDocsAsset']);
    const own = document.operations.filter(({ id }) => raw(id).security !== undefined && !open.includes(id));
    expect(own.map(({ id }) => [id, raw(id).security])).toEqual([
      ['receiveGithub', [{ githubSignature: [] }]],
      ['getFreezeCalendar', [{ bearer: [] }, { basic: [] }]],
    ]);
    for (const id of open) expect(raw(id).security).toEqual([]);
  });
});

describe('the types made from the document', () => {
  type Schemas = components['schemas'];

  it('take every document the use cases give, and give them every document they take', () => {
    expectTypeOf<documents.Replay>().toExtend<Schemas['Replay']>();
    expectTypeOf<documents.ReleaseSummary>().toExtend<Schemas['ReleaseSummary']>();
    expectTypeOf<TokenDocument['role']>().toEqualTypeOf<Schemas['Role']>();
    expectTypeOf<Schemas['Report']>().toExtend<documents.ReportRequest>();
    expectTypeOf<Schemas['Service']>().toExtend<ServiceDocument>();
    expectTypeOf<Schemas['Freeze']>().toExtend<FreezeDocument>();
    expectTypeOf<keyof Schemas['Freeze']>().toEqualTypeOf<keyof FreezeDocument>();
    expectTypeOf<keyof Schemas['GithubApp']>().toEqualTypeOf<keyof GithubAppDocument>();
    expectTypeOf<Schemas['NewHalt']>().toExtend<HaltRequest>();
    expectTypeOf<Schemas['NewApproval']>().toExtend<ApprovalRequest>();
    expectTypeOf<Schemas['NewOverride']>().toExtend<OverrideRequest>();
    expectTypeOf<keyof Schemas['Halt']>().toEqualTypeOf<keyof Halt>();
    expectTypeOf<keyof Schemas['Approval']>().toEqualTypeOf<keyof Approval>();
    expectTypeOf<keyof Schemas['Override']>().toEqualTypeOf<keyof OverrideDocument>();
    expectTypeOf<keyof Schemas['Rule']>().toEqualTypeOf<keyof RuleDocument>();
    expectTypeOf<Schemas['Provider']>().toExtend<Omit<ProviderDocument, 'auth'> & { auth?: unknown }>();
    expectTypeOf<keyof Schemas['Decision']>().toEqualTypeOf<keyof documents.DecisionDocument>();
    expectTypeOf<keyof Schemas['Release']>().toEqualTypeOf<keyof documents.ReleaseDocument>();
    expectTypeOf<keyof Schemas['ReportResult']>().toEqualTypeOf<keyof documents.ReportResult>();
    expectTypeOf<keyof Schemas['StoryEvent']>().toEqualTypeOf<keyof documents.StoryEvent>();
    expectTypeOf<keyof Schemas['Entry']>().toEqualTypeOf<keyof documents.EntryDocument>();
  });
});

describe('binding handlers', () => {
  const handler = { handle: async () => ({ status: 200 }) };
  const all = Object.fromEntries(document.operations.map(({ id }) => [id, handler])) as unknown as Handlers;

  it('binds every operation', () => {
    const bound = loadContract(path).bind(all);
    expect(bound.map(({ id }) => id)).toEqual(document.operations.map(({ id }) => id));
  });

  it('fails for an operation without a handler and for a handler without an operation, naming both', () => {
    const { getGate: _, ...rest } = all;
    const wrong = { ...rest, getGates: handler } as unknown as Handlers;
    expect(() => contractFrom(document).bind(wrong)).toThrow(
      /operation getGate, but no handler[\s\S]*handler getGates/,
    );
  });

  it('fails for an operation without a right, with an unknown right, and for a body without a limit', () => {
    const broken = (from: string, to: string) => () => documentFrom(text.replace(from, to));
    expect(broken('x-right: ask', 'x-wrong: ask')).toThrow('getGate has no valid x-right');
    expect(broken('x-right: ask', 'x-right: anything')).toThrow('getGate has no valid x-right');
    expect(broken('x-right: ask', 'x-right: [ask, anything]')).toThrow('getGate has no valid x-right');
    expect(broken('x-body-limit: 65536', 'x-limit: 65536')).toThrow('postGate takes a body but has no x-body-limit');
    const media =
      '          text/calendar:\n            schema: { type: string, description: A calendar of RFC 5545 in';
    expect(broken(`        content:\n${media}`, `        contents:\n${media}`)).toThrow(
      'importFreezes names no media type for its body',
    );
    expect(broken('operationId: getGate', 'operation: getGate')).toThrow('has no operationId');
  });

  it('leaves no route outside the document', () => {
    const folder = fileURLToPath(new URL('../src/http', import.meta.url));
    const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    const routed = sources.filter((name) =>
      /\brouter\.\w+\(|\bapp\.(?:get|post|put|delete|all)\(/.test(readFileSync(`${folder}/${name}`, 'utf8')),
    );
    expect(routed).toEqual(['app.ts']);
  });
});

describe('checking answers', () => {
  const { validateResponse } = loadContract(path);

  it('accepts what is documented', () => {
    expect(validateResponse('getLivez', 200, 'application/json; charset=utf-8', { status: 'live' })).toEqual([]);
    expect(validateResponse('deleteRule', 204, null, undefined)).toEqual([]);
  });

  it.each([
    ['another status', 'getLivez', 418, 'application/json', { status: 'live' }],
    ['another media type', 'getLivez', 200, 'text/html', '<p>'],
    ['a missing body', 'getLivez', 200, null, undefined],
    ['an additional field', 'getLivez', 200, 'application/json', { status: 'live', host: '10.1.2.3' }],
    ['a wrong value', 'getLivez', 200, 'application/json', { status: 'up' }],
    ['a body where none is', 'deleteRule', 204, 'application/json', {}],
    ['an operation that is not there', 'getNothing', 200, 'application/json', {}],
    ['a hash of a token', 'listTokens', 200, 'application/json', { items: [{ hash: 'x' }], next: null }],
  ])('finds %s', (_, id, status, type, body) => {
    expect(validateResponse(id, status, type, body)).not.toEqual([]);
  });
});
