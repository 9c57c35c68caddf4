import type { Answer, Call, Handlers, OperationId } from './answer.ts';
import { type ResponseCheck, responseCheck } from './check-response.ts';
import { type ContractDocument, loadDocument, type Operation } from './document.ts';
import { type RequestReader, requestReader } from './read-request.ts';
import { type Check, Schemas } from './schemas.ts';

/** An operation of the document together with what reads its requests and what answers them. */
export interface BoundOperation {
  readonly operation: Operation;
  readonly id: OperationId;
  readonly read: RequestReader;
  /** Media types it can answer with when it succeeds. */
  readonly produces: readonly string[];
  handle(call: Call<OperationId>): Promise<Answer>;
  readonly failed: ((call: FailedCall, error: unknown) => Answer) | null;
}

export type FailedCall = Omit<Call<OperationId>, 'context'> & { readonly context: Call<OperationId>['context'] | null };

export interface Contract {
  readonly document: ContractDocument;
  /** @throws Error naming every operation without a handler and every handler without an operation. */
  bind(handlers: Handlers): readonly BoundOperation[];
  readonly validateResponse: ResponseCheck;
  /** What a PUT of such a document checks first, for documents that come in another way. */
  readonly shapes: Readonly<Record<'service' | 'rule', Check>>;
}

/** Loads openapi.yaml with what checks its requests. Throws when it cannot be read. */
export function loadContract(path: string): Contract {
  return contractFrom(loadDocument(path));
}

export function contractFrom(document: ContractDocument): Contract {
  const schemas = new Schemas(document.root);
  const readers = new Map<Operation, RequestReader>();
  /** One for each operation, however often it is bound: what it has compiled is kept. */
  const readerOf = (operation: Operation): RequestReader => {
    const reader = readers.get(operation) ?? requestReader(schemas, operation);
    readers.set(operation, reader);
    return reader;
  };
  return {
    document,
    bind: (handlers) => {
      const bound = new Map(Object.entries(handlers));
      requireSame(document.operations, [...bound.keys()]);
      return document.operations.map((operation) => {
        const handler = bound.get(operation.id) as unknown as BoundHandler;
        return {
          operation,
          id: operation.id as OperationId,
          read: readerOf(operation),
          produces: producedBy(operation),
          handle: (call) => handler.handle(call),
          failed: handler.failed === undefined ? null : handler.failed.bind(handler),
        };
      });
    },
    validateResponse: responseCheck(schemas, document.operations),
    shapes: {
      service: schemas.check({ $ref: '#/components/schemas/Service' }),
      rule: schemas.check({ $ref: '#/components/schemas/Rule' }),
    },
  };
}

interface BoundHandler {
  handle(call: Call<OperationId>): Promise<Answer>;
  failed?(call: FailedCall, error: unknown): Answer;
}

function requireSame(operations: readonly Operation[], handlers: readonly string[]): void {
  const ids = operations.map(({ id }) => id);
  const unbound = ids.filter((id) => !handlers.includes(id));
  const extra = handlers.filter((id) => !ids.includes(id));
  const twice = ids.filter((id, i) => ids.indexOf(id) !== i);
  const complaints = [
    ...unbound.map((id) => `openapi.yaml has the operation ${id}, but no handler is bound to it`),
    ...extra.map((id) => `there is a handler ${id}, but openapi.yaml has no such operation`),
    ...twice.map((id) => `openapi.yaml has the operation ${id} twice`),
  ];
  if (complaints.length > 0) throw new Error(complaints.join('\n'));
}

function producedBy(operation: Operation): readonly string[] {
  const successes = Object.entries(operation.responses).filter(([status]) => status.startsWith('2'));
  return [...new Set(successes.flatMap(([, content]) => Object.keys(content)))];
}
