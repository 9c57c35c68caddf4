import { type FieldError, invalid } from '../../domain/errors.ts';
import type { components, operations } from '../api.gen.ts';

type Body = components['schemas']['GateRequest'];
type Query = NonNullable<operations['postGate']['parameters']['query']>;

/** The phases in which Flagger's canary takes traffic, whether or not the gate was asked before. */
const RUNNING = ['Progressing', 'WaitingPromotion', 'Promoting'];

const FLAGGERS = ['name', 'namespace', 'phase', 'checksum', 'metadata'] as const;

/** The fields of a question, and where each of them stood. */
export interface Question {
  readonly fields: Body;
  pointerTo(field: string): string;
  /** There where the body is Flagger's own; `runs`: its phase says that the release runs. */
  readonly flagger?: { readonly phase: string | undefined; readonly runs: boolean };
}

/**
 * The question of a POST, from its address and its body. What Flagger sends becomes `context`, without the
 * token that came in it: the record is for many eyes.
 * @throws GateError `invalid-request` for a field in both places, and for Flagger's body with a view that would mislead it.
 */
export function postedQuestion(query: Query = {}, body: Body = {}): Question {
  const { name, namespace, phase, checksum, metadata, ...own } = body;
  const sent = FLAGGERS.filter((field) => body[field] !== undefined);
  const fields = { ...query, ...own };
  const errors = [...twice(query, own), ...(isFlaggers(fields.view) ? [] : sent.map(misplaced))];
  if (errors.length > 0) throw invalid(errors);
  const pointerTo = (field: string) => (Object.hasOwn(query, field) ? `/query/${field}` : `/${field}`);
  if (sent.length === 0) return { fields, pointerTo };
  const { token: _, ...told } = metadata ?? {};
  const flagger = { name, namespace, phase, checksum, ...(metadata === undefined ? {} : { metadata: told }) };
  const runs = phase !== undefined && RUNNING.includes(phase);
  const context = { ...own.context, flagger: withoutGaps(flagger) };
  return { fields: { ...fields, context }, pointerTo, flagger: { phase, runs } };
}

function twice(query: Query, own: Body): readonly FieldError[] {
  const both = Object.keys(query).filter((field) => Object.hasOwn(own, field));
  return both.map((field) => ({ pointer: `/query/${field}`, message: 'stands in the body too' }));
}

function isFlaggers(view: Body['view']): boolean {
  return view?.startsWith('flagger-') === true;
}

function misplaced(field: string): FieldError {
  return { pointer: `/${field}`, message: 'is of Flagger, and needs a view in the address that begins with flagger-' };
}

function withoutGaps(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
