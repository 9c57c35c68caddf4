import { BAD, BAD_SHARE } from './documents.ts';
import { put } from './shell.ts';
import type { Source } from './source.ts';

const TOTAL = 1200;
const HEALTHY = [
  { part: 'bad', value: '2' },
  { part: 'total', value: String(TOTAL) },
];
const provider = (...more: readonly object[]) => ({ kind: 'recorded', answers: [...more, ...HEALTHY] });

/** Needs nothing: the answers stand in the provider's document, and a bad release is a document that says so. */
export function recordedSource(): Source {
  const failing = { part: 'bad', contains: [`version="${BAD}"`], value: String(TOTAL * BAD_SHARE) };
  return {
    about: [
      'No usable prometheus is on the PATH, so the metrics are RECORDED: answers that are written down in the',
      `provider's own document. Nothing is measured: of ${TOTAL} requests 2 fail, until the document says otherwise.`,
    ],
    provider: provider(),
    deploying: 'Deploy it (the demo only pretends to) and report that:',
    awaits: 'a release bakes for 3 s in each ring.',
    deploy: (_ring, version) => (version === BAD ? [put('/providers/main', provider(failing))] : []),
    stop: async () => {},
  };
}
