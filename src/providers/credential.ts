import type { ProviderDocument, SecretReference } from '../app/ports.ts';

export type ReadSecret = (reference: SecretReference) => Promise<string>;

/** What to send, and the texts that must never be seen again in anything the provider says. */
export interface Credential {
  readonly authorization: string | null;
  readonly secrets: readonly string[];
}

export class CredentialError extends Error {}

/** Reads the secret at the moment of use. Throws CredentialError, which names the reference and never the value. */
export async function readCredential(auth: ProviderDocument['auth'], readSecret: ReadSecret): Promise<Credential> {
  switch (auth?.kind) {
    case undefined:
    case 'none':
      return { authorization: null, secrets: [] };
    case 'bearer': {
      const token = await secretText(auth.token, readSecret);
      if (!isSendable(token)) throw new CredentialError('the token has characters that cannot be sent');
      return { authorization: `Bearer ${token}`, secrets: [token] };
    }
    case 'basic': {
      const password = await secretText(auth.password, readSecret);
      const pair = Buffer.from(`${auth.username}:${password}`, 'utf8').toString('base64');
      return { authorization: `Basic ${pair}`, secrets: [password, pair] };
    }
    default:
      throw new CredentialError('the kind of authentication is not known');
  }
}

/** The headers of Datadog's two keys. Throws CredentialError like the others. */
export async function readKeys(
  auth: ProviderDocument['auth'],
  readSecret: ReadSecret,
): Promise<{ readonly headers: Readonly<Record<string, string>>; readonly secrets: readonly string[] }> {
  if (auth?.kind !== 'keys') throw new CredentialError('the provider has no keys');
  const apiKey = await secretText(auth.apiKey, readSecret);
  const applicationKey = await secretText(auth.applicationKey, readSecret);
  if (![apiKey, applicationKey].every(isSendable))
    throw new CredentialError('a key has characters that cannot be sent');
  return {
    headers: { 'DD-API-KEY': apiKey, 'DD-APPLICATION-KEY': applicationKey },
    secrets: [apiKey, applicationKey],
  };
}

/** A client would drop what cannot stand in a header and send another secret than the one meant. */
function isSendable(secret: string): boolean {
  return /^[\x21-\x7e]+$/.test(secret);
}

/** The text of a secret. Throws CredentialError, which names the reference and never the value. */
export async function secretText(reference: SecretReference, readSecret: ReadSecret): Promise<string> {
  const name = 'env' in reference ? reference.env : reference.file;
  let text: string;
  try {
    text = await readSecret(reference);
  } catch {
    throw new CredentialError(`the secret ${name} cannot be read`);
  }
  const secret = text.replace(/\r?\n$/, '');
  if (secret === '') throw new CredentialError(`the secret ${name} is empty`);
  return secret;
}
