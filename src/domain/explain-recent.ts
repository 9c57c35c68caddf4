import { formatDuration } from './duration.ts';
import type { Finding, Words } from './finding.ts';

/** Words for harm of which cannot be known whether it goes on; `measured` says what was seen. */
export function recentUnreadWords({ evidence, clears }: Finding, measured: string): Words {
  const { window, sampleDistance } = evidence.recent as { window: string; sampleDistance: string | null };
  const { provider } = evidence;
  const because = `${measured}, but nobody can tell whether that goes on: the last ${window} cannot be read by themselves.`;
  const wanted = `No rollback until two samples of every series lie in the last ${window}.`;
  if (sampleDistance === null) {
    return { because, needs: `${wanted} Set scrapeInterval of the provider ${provider} to how often it scrapes.` };
  }
  const interval = formatDuration(Math.ceil(Number(sampleDistance)) * 1000);
  const needs = `${wanted} They are ${interval} apart: set scrapeInterval of the provider ${provider} to ${interval}, or "for" of the rule to at least that.`;
  return clears === 'by-person'
    ? { because, needs, action: { who: 'admin', do: `PUT /providers/${provider}` } }
    : { because, needs };
}
