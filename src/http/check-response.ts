import type { Answer, OperationId } from './answer.ts';
import type { Operation } from './document.ts';
import type { Check, Schemas } from './schemas.ts';

/** Compares answers with the document; the reasons why one does not fit, none when it does. */
export type ResponseCheck = (
  operationId: string,
  status: number,
  contentType: string | null,
  body: unknown,
) => readonly string[];

/** Only tests pay for it. */
export function responseCheck(schemas: Schemas, operations: readonly Operation[]): ResponseCheck {
  const checks = new Map<string, Check>();
  return (operationId, status, contentType, body) => {
    const operation = operations.find(({ id }) => id === operationId);
    if (operation === undefined) return [`there is no operation ${operationId}`];
    const content = operation.responses[status];
    if (content === undefined) return [`${operationId} does not document status ${status}`];
    const types = Object.keys(content);
    const type = contentType?.split(';')[0] ?? null;
    if (types.length === 0) return type === null ? [] : [`${operationId} ${status} documents no content`];
    const schema = type === null ? undefined : content[type];
    if (schema === undefined || schema === null) return [`${operationId} ${status} does not document ${type}`];
    const key = `${operationId} ${status} ${type}`;
    const check = checks.get(key) ?? schemas.check(schema);
    checks.set(key, check);
    return check(body).map(({ pointer, message }) => `${key} ${pointer} ${message}`);
  };
}

/** The media type of an answer; null without a body. */
export function typeOf(answer: Answer): string | null {
  if (answer.json !== undefined) return answer.type ?? 'application/json';
  return answer.text === undefined ? null : (answer.type ?? 'text/plain; charset=utf-8');
}

/** The answer as the document sees it, JSON values as they will be after serialisation. */
export function reasonsAgainst(check: ResponseCheck, operationId: OperationId, answer: Answer): readonly string[] {
  const body = answer.json === undefined ? answer.text : (JSON.parse(JSON.stringify(answer.json)) as unknown);
  return check(operationId, answer.status, typeOf(answer), body);
}
