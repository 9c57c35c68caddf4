/** A key of an object, and how it is written. */
export interface Labelled {
  readonly key: string;
  readonly label: string;
}

/** What follows on the keys so far; and their order, once an object had these and no more. */
interface Node {
  readonly next: Map<string, Node>;
  order: readonly Labelled[] | null;
}

/** Keys may come from outside, so what is remembered has an end; ringgate's own objects need a few hundred. */
const MOST_NODES = 5000;

const newNode = (): Node => ({ next: new Map(), order: null });

/**
 * The keys of objects in canonical order, by UTF-16 code units, which is how sort() compares. Objects with the same
 * keys come again and again, and following their keys takes less time than sorting them.
 */
export function keyOrder(labelOf: (key: string) => string): (keys: readonly string[]) => readonly Labelled[] {
  const sorted = (keys: readonly string[]) => [...keys].sort().map((key) => ({ key, label: labelOf(key) }));
  const root = newNode();
  let nodes = 0;
  return (keys) => {
    let node = root;
    for (const key of keys) {
      let next = node.next.get(key);
      if (next === undefined) {
        if (nodes >= MOST_NODES) return sorted(keys);
        nodes += 1;
        next = newNode();
        node.next.set(key, next);
      }
      node = next;
    }
    node.order ??= sorted(keys);
    return node.order;
  };
}
