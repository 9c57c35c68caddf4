import { GateError } from '../../domain/errors.ts';
import type { Handlers } from '../answer.ts';
import { type Assets, loadAssets } from './assets.ts';
import { pageHtml, pagePolicy } from './page.ts';

/** The readable reference. The page is always fetched anew; what it names never changes. */
export function docsHandlers(): Pick<Handlers, 'getDocs' | 'getDocsAsset'> {
  let loading: Promise<Assets> | null = null;
  const assets = () => {
    loading ??= loadAssets().catch((error) => {
      loading = null;
      throw error;
    });
    return loading;
  };
  return {
    getDocs: {
      handle: async () => ({
        status: 200,
        headers: { 'Content-Security-Policy': pagePolicy },
        text: pageHtml(await assets()),
        type: 'text/html; charset=utf-8',
      }),
    },
    getDocsAsset: {
      handle: async ({ path }) => {
        const asset = (await assets()).find(path.asset);
        if (asset === undefined) throw new GateError('not-found', 'There is no such file of the reference.');
        const headers = { 'Cache-Control': 'public, max-age=31536000, immutable' };
        return { status: 200, headers, text: asset.text, type: asset.type };
      },
    },
  };
}
