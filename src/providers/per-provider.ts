import { fingerprint, type Provider } from './ask.ts';

/**
 * One `T` for each provider as it is configured now. Another document begins afresh: what is known
 * about the old address says nothing about the new one, and an administrator's mend counts at once.
 */
export function perProvider<T>(make: (provider: Provider) => T): (provider: Provider) => T {
  const known = new Map<string, { readonly document: string; readonly value: T }>();
  return (provider) => {
    const document = fingerprint(provider.document);
    const found = known.get(provider.name);
    if (found?.document === document) return found.value;
    const value = make(provider);
    known.set(provider.name, { document, value });
    return value;
  };
}
