/**
 * Enough of PromQL to answer what is asked about counts, over counters that are known exactly. It keeps what makes
 * absences dangerous: `a + b` and `a - b` are empty when either side is, a series with one sample has no increase, and
 * the first value of a new one is not in it. Increases are exact otherwise, as if extrapolation always hit.
 */
import { durationMs } from '../../src/domain/duration.ts';
import { childrenOf, type PromqlNode, parsePromql, textOf, unwrap } from '../../src/domain/promql.ts';

/** A counter that is scraped every 15 s from `from` to `to`, in seconds, both multiples of 15. */
export interface Counter {
  readonly metric: string;
  readonly id: string;
  readonly from: number;
  readonly to: number;
  readonly first: number;
  readonly perScrape: number;
}

export const SCRAPE_S = 15;

type Vector = readonly { readonly id: string; readonly value: number }[];
type Value = number | Vector;

/** The value of the counter at a second, with 0 before it was there. */
export function valueAt({ from, to, first, perScrape }: Counter, second: number): number {
  if (second < from) return 0;
  return first + perScrape * Math.floor((Math.min(second, to) - from) / SCRAPE_S);
}

/** The samples of an instant answer: one without labels, or as many as there are series. */
export function evaluate(text: string, at: number, counters: readonly Counter[]): readonly number[] {
  const query = parsePromql(text);
  const [root] = childrenOf(query.root);
  if (root === undefined || query.errorAt !== null) throw new Error(`not PromQL: ${text}`);
  const value = new Evaluation(query.text, at, counters).of(root);
  return typeof value === 'number' ? [value] : value.map((each) => each.value);
}

class Evaluation {
  readonly text: string;
  readonly at: number;
  readonly counters: readonly Counter[];

  constructor(text: string, at: number, counters: readonly Counter[]) {
    this.text = text;
    this.at = at;
    this.counters = counters;
  }

  of(wrapped: PromqlNode): Value {
    if (wrapped.name === 'OffsetExpr') return this.before(wrapped);
    if (wrapped.name === 'ParenExpr') return this.of(childrenOf(wrapped)[0] ?? wrapped);
    switch (wrapped.name) {
      case 'NumberDurationLiteral':
        return Number(this.written(wrapped));
      case 'VectorSelector':
        return this.instant(wrapped, this.at);
      case 'UnaryExpr':
        return negated(this.of(childrenOf(wrapped).at(-1) ?? wrapped));
      case 'AggregateExpr':
        return this.aggregated(wrapped);
      case 'FunctionCall':
        return this.called(wrapped);
      default:
        return this.combined(wrapped);
    }
  }

  private written(node: PromqlNode): string {
    return textOf({ text: this.text } as never, node);
  }

  private before(node: PromqlNode): Value {
    const duration = /offset\s+(\w+)/.exec(this.written(node))?.[1] ?? '';
    return this.instant(unwrap(node), this.at - durationMs(duration) / 1000);
  }

  private matching(selector: PromqlNode): readonly Counter[] {
    const metric = /^\w+/.exec(this.written(selector))?.[0];
    return this.counters.filter((counter) => counter.metric === metric);
  }

  private instant(selector: PromqlNode, at: number): Vector {
    const there = this.matching(selector).filter(({ from, to }) => from <= at && at < to + SCRAPE_S);
    return there.map((counter) => ({ id: counter.id, value: valueAt(counter, at) }));
  }

  private called(node: PromqlNode): Value {
    const name = this.written(node).split('(')[0] ?? '';
    const [argument] = childrenOf(node.getChild('FunctionCallBody') ?? node);
    if (argument === undefined) throw new Error(`no argument in ${this.written(node)}`);
    if (name === 'vector') return [{ id: '', value: Number(this.of(argument)) }];
    const [selector = argument, range = argument] = childrenOf(argument);
    const since = this.at - durationMs(this.written(range)) / 1000;
    return this.matching(selector).flatMap((counter) => {
      const value = overTime(name, counter, since, this.at);
      return value === null ? [] : [{ id: counter.id, value }];
    });
  }

  private aggregated(node: PromqlNode): Vector {
    const name = this.written(node).split('(')[0]?.trim();
    const inner = this.of(childrenOf(node.getChild('FunctionCallBody') ?? node)[0] ?? node);
    if (typeof inner === 'number' || inner.length === 0) return [];
    return [{ id: '', value: name === 'count' ? inner.length : inner.reduce((sum, { value }) => sum + value, 0) }];
  }

  private combined(node: PromqlNode): Value {
    const children = childrenOf(node);
    const [left, right] = [this.of(children[0] ?? node), this.of(children.at(-1) ?? node)];
    const operator = children[1]?.name ?? '';
    if (operator === 'Or' || operator === 'Unless') return setOf(operator, left as Vector, right as Vector);
    return calculated(operator, left, right);
  }
}

/** Null where Prometheus gives nothing. The range is open on the left. */
function overTime(name: string, counter: Counter, since: number, at: number): number | null {
  const first = Math.max(counter.from, (Math.floor(since / SCRAPE_S) + 1) * SCRAPE_S);
  const last = Math.min(counter.to, Math.floor(at / SCRAPE_S) * SCRAPE_S);
  if (last < first) return null;
  if (name === 'min_over_time') return valueAt(counter, first);
  if (name === 'last_over_time') return valueAt(counter, last);
  if (name !== 'increase') throw new Error(`${name} is not known here`);
  if (last === first) return null;
  return valueAt(counter, last) - valueAt(counter, counter.from <= since ? since : first);
}

function negated(value: Value): Value {
  return typeof value === 'number' ? -value : value.map((each) => ({ ...each, value: -each.value }));
}

function setOf(operator: 'Or' | 'Unless', left: Vector, right: Vector): Vector {
  const without = (one: Vector, other: Vector) => one.filter(({ id }) => !other.some((each) => each.id === id));
  return operator === 'Unless' ? without(left, right) : [...left, ...without(right, left)];
}

function calculated(operator: string, left: Value, right: Value): Value {
  const of = (a: number, b: number): number => {
    if (operator === 'Add') return a + b;
    if (operator === 'Sub') return a - b;
    return operator === 'Mul' ? a * b : a / b;
  };
  if (typeof left === 'number' && typeof right === 'number') return of(left, right);
  if (typeof left === 'number') return (right as Vector).map(({ id, value }) => ({ id, value: of(left, value) }));
  if (typeof right === 'number') return left.map(({ id, value }) => ({ id, value: of(value, right) }));
  return left.flatMap(({ id, value }) => {
    const other = right.find((each) => each.id === id);
    return other === undefined ? [] : [{ id, value: of(value, other.value) }];
  });
}
