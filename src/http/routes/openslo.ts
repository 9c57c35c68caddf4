import { exportOpenSlo, importOpenSlo } from '../../app/open-slo.ts';
import type { Ports } from '../../app/ports.ts';
import { type Handlers, ok } from '../answer.ts';
import type { Contract } from '../contract.ts';

/** Objectives in the words of OpenSLO. What an import makes of them must have the shape that a PUT takes. */
export function openSloHandlers(
  ports: Ports,
  { shapes }: Pick<Contract, 'shapes'>,
): Pick<Handlers, 'importOpenSlo' | 'exportOpenSlo'> {
  return {
    importOpenSlo: {
      handle: async ({ query: { provider = null, reason = null, dryRun = false }, body, context }) =>
        ok(await importOpenSlo(ports, context, body, { provider, reason, dryRun }, (kind, of) => shapes[kind](of))),
    },
    exportOpenSlo: {
      handle: async ({ path }) => ({
        status: 200,
        text: await exportOpenSlo(ports, path.service),
        type: 'application/yaml',
      }),
    },
  };
}
