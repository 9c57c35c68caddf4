const TEXT_OID = 25;

/**
 * A text[] in PostgreSQL's binary format, which pg sends for a Buffer. As text every quotation mark of
 * every record would be escaped here and looked for there. Source: array_recv in PostgreSQL's
 * utils/adt/arrayfuncs.c: dimensions, has nulls, element type, length and lower bound, then each
 * element after its length.
 */
export function binaryTextArray(texts: readonly string[]): Buffer {
  const elements = texts.map((text) => Buffer.from(text, 'utf8'));
  const bytes = Buffer.allocUnsafe(20 + elements.reduce((sum, element) => sum + 4 + element.length, 0));
  let at = 0;
  const int32 = (value: number): void => {
    at = bytes.writeInt32BE(value, at);
  };
  for (const value of [1, 0, TEXT_OID, texts.length, 1]) int32(value);
  for (const element of elements) {
    int32(element.length);
    at += element.copy(bytes, at);
  }
  return bytes;
}
