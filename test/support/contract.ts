import { fileURLToPath } from 'node:url';
import { loadContract } from '../../src/http/contract.ts';

export const OPENAPI = fileURLToPath(new URL('../../openapi.yaml', import.meta.url));

/** Once for all tests of a worker: loading and compiling it takes longer than all the rest of a start. */
export const contract = loadContract(OPENAPI);
