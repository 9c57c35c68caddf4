/** Names have at most 63 characters; the end of this one is a hash of 8. */
const LONGEST = 63;
const HASHED = 9;

/**
 * A name (RFC 1123 label) for an event: the prefix, what can be kept of the event's id, and a hash of the whole id.
 * It hangs on the id alone, so that an event that is imported again replaces itself, also when it was renamed.
 */
export function nameOf(prefix: string, id: string): string {
  const words = id
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  const kept = `${prefix}-${words}`.slice(0, LONGEST - HASHED).replace(/-+$/, '');
  return `${kept}-${hashOf(id)}`;
}

/** FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv. It tells ids apart and guards nothing. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}
