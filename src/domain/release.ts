/** Names that callers send. Anything that does not match never travels further than the edge. */
const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const VERSION = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,127}$/;

/** A version of a service, written `service@version`. */
export interface Release {
  readonly service: string;
  readonly version: string;
}

/** True for an RFC 1123 label: services, rings, rules, freezes, providers. */
export function isName(text: string): boolean {
  return NAME.test(text);
}

/** True for what may stand behind the `@` of a release. */
export function isVersion(text: string): boolean {
  return VERSION.test(text);
}

/** Reads `checkout@1.4.2`; null when either half is not a valid name. */
export function parseRelease(text: string): Release | null {
  const at = text.indexOf('@');
  if (at < 0) return null;
  const release = { service: text.slice(0, at), version: text.slice(at + 1) };
  return NAME.test(release.service) && VERSION.test(release.version) ? release : null;
}

/** `checkout@1.4.2`. */
export function formatRelease(release: Release): string {
  return `${release.service}@${release.version}`;
}
