import type { Situation } from '../dialect-situations.ts';
import type { Heard, WebRequest } from './dialect.ts';

/** The recipe's own request, but of this release and ring, with this token where the recipe has one. */
export async function askAs(
  { method, url, headers, body, timeoutMs }: WebRequest,
  situation: Situation,
): Promise<Heard> {
  const query = new URLSearchParams(new URL(url).search);
  query.delete('stage');
  query.delete('wait');
  const more = situation.query === undefined ? '' : `&${situation.query}`;
  const metadata = body?.metadata as Record<string, string> | undefined;
  const sent = metadata?.token === undefined ? body : { ...body, metadata: { ...metadata, token: situation.token } };
  const authorized = headers.Authorization?.startsWith('Bearer ') === true;
  const signal = AbortSignal.timeout(situation.givesUpAfterMs ?? timeoutMs);
  try {
    const answer = await fetch(`${situation.url}${situation.path}?${query}${more}`, {
      ...{ method, signal, redirect: 'manual' },
      headers: { ...headers, ...(authorized ? { Authorization: `Bearer ${situation.token}` } : {}) },
      ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
    });
    return { status: answer.status, headers: answer.headers, body: await answer.text() };
  } catch (error) {
    return { failed: signal.aborted ? 'late' : refused(error) };
  }
}

function refused(error: unknown): 'refused' {
  if ((error as { cause?: { code?: string } }).cause?.code === 'ECONNREFUSED') return 'refused';
  throw error;
}
