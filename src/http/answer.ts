import type { RequestContext } from '../app/ports.ts';
import type { operations } from './api.gen.ts';

/** Ids of the operations in openapi.yaml. */
export type OperationId = keyof operations;

type Named<Id extends OperationId, Where extends 'path' | 'query'> = NonNullable<operations[Id]['parameters'][Where]>;

type Content<Id extends OperationId> = operations[Id] extends { requestBody: { content: infer C } }
  ? C
  : operations[Id] extends { requestBody?: { content: infer C } }
    ? C | undefined
    : undefined;

type InContent<C> = C extends object ? C[keyof C] : undefined;

type Body<Id extends OperationId> = InContent<Content<Id>>;

/** Headers that operations look at; null where they were not sent. */
export interface RequestHeaders {
  readonly ifMatch: string | null;
  readonly ifNoneMatch: string | null;
  readonly idempotencyKey: string | null;
  readonly githubEvent: string | null;
  readonly githubDelivery: string | null;
  readonly githubSignature: string | null;
}

/** A request that has passed the contract. */
export interface Call<Id extends OperationId> {
  readonly path: Named<Id, 'path'>;
  readonly query: Named<Id, 'query'>;
  readonly headers: RequestHeaders;
  readonly body: Body<Id>;
  readonly context: RequestContext;
  /** The caller would rather have one line than JSON. */
  readonly prefersText: boolean;
  /** Aborted when the caller has closed the connection. */
  readonly signal: AbortSignal;
}

/** What a handler wants to have sent. `json` and `text` exclude each other; neither is an empty body. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly text?: string;
  /** Media type, where it is not the usual one. */
  readonly type?: string;
}

export interface Handler<Id extends OperationId> {
  handle(call: Call<Id>): Promise<Answer>;
  /**
   * Answers instead of a problem when the service cannot: the store is away (also while authenticating;
   * then `context` is null) or something failed here. Without it such errors become 503 and 500.
   */
  failed?(call: Omit<Call<Id>, 'context'> & { readonly context: RequestContext | null }, error: unknown): Answer;
}

/** One handler for every operation: a missing or an extra one does not compile, and does not start. */
export type Handlers = { readonly [Id in OperationId]: Handler<Id> };

export function ok(json: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, json, headers };
}
