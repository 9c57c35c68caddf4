import { type FieldError, pointerTo } from '../errors.ts';

/** What there is to say about documents: everything at once, so that one reading is enough. */
export interface Notes {
  readonly errors: FieldError[];
  readonly warnings: FieldError[];
}

/**
 * A place in a document whose shape nobody has checked yet. Null counts as left out, because the published examples
 * leave fields empty. What is of another type than asked for is noted as an error, and then counts as left out too.
 */
export class Part {
  readonly value: unknown;
  readonly pointer: string;
  readonly #notes: Notes;

  constructor(value: unknown, pointer: string, notes: Notes) {
    this.value = value ?? undefined;
    this.pointer = pointer;
    this.#notes = notes;
  }

  get isThere(): boolean {
    return this.value !== undefined;
  }

  /** The field of that name; not there when this is no object. */
  field(name: string): Part {
    const inner = isObject(this.value) && Object.hasOwn(this.value, name) ? this.value[name] : undefined;
    return new Part(inner, pointerTo(this.pointer, name), this.#notes);
  }

  /** The names of all fields; none when it is not there. */
  fields(): readonly string[] {
    if (isObject(this.value)) return Object.keys(this.value);
    if (this.isThere) this.refuse('must be an object');
    return [];
  }

  items(): readonly Part[] {
    if (Array.isArray(this.value)) {
      return this.value.map((item, i) => new Part(item, `${this.pointer}/${i}`, this.#notes));
    }
    if (this.isThere) this.refuse('must be a list');
    return [];
  }

  text(): string | undefined {
    return this.#typed('string', 'must be text: put it in quotes') as string | undefined;
  }

  number(): number | undefined {
    return this.#typed('number', 'must be a number') as number | undefined;
  }

  flag(): boolean | undefined {
    return this.#typed('boolean', 'must be true or false') as boolean | undefined;
  }

  /** Notes every field beyond the known ones: as an error, since its meaning would be lost, or as a warning. */
  closed(known: readonly string[], lenient = false): this {
    for (const name of this.fields()) {
      const inner = this.field(name);
      if (!known.includes(name) && lenient) inner.warn('is not known in OpenSLO v1 and left aside');
      else if (!known.includes(name)) inner.refuse('is not known in OpenSLO v1');
      else if (!inner.isThere) inner.warn('is empty and counts as left out');
    }
    return this;
  }

  /** The same, noted as an error when it is not there. */
  required(): this {
    if (!this.isThere) this.refuse('is missing');
    return this;
  }

  refuse(message: string): void {
    this.#notes.errors.push({ pointer: this.pointer, message });
  }

  warn(message: string): void {
    this.#notes.warnings.push({ pointer: this.pointer, message });
  }

  #typed(type: 'string' | 'number' | 'boolean', message: string): unknown {
    if (typeof this.value === type) return this.value;
    if (this.isThere) this.refuse(message);
    return undefined;
  }
}

/** A text of the caller's as it may stand in a sentence. */
export function quoted(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 80)}…`.toWellFormed();
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
