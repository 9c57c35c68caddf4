import { parseArgs } from 'node:util';

export const PARTS = ['throughput', 'prometheus', 'slo', 'start'] as const;
export type Part = (typeof PARTS)[number];

export interface Options {
  readonly parts: readonly Part[];
  readonly short: boolean;
  readonly callers: readonly number[];
  readonly rounds: number;
  /** How many services each scenario has. */
  readonly services: number;
  /** For how long a server that has just started is asked before anything is measured: until then it runs its code slowly. */
  readonly startUpMs: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

const FULL = { callers: [1, 8, 32, 128], rounds: 3, services: 8, startUpMs: 3000, warmUpMs: 250, measureMs: 1500 };
/** Shows in seconds that everything runs; its figures mean nothing. */
const SHORT = { callers: [4], rounds: 1, services: 1, startUpMs: 0, warmUpMs: 50, measureMs: 150 };

/** `--short`, and `--part` (more than once) for some of the parts; `--callers` and `--rounds` for a closer look. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      short: { type: 'boolean', default: false },
      part: { type: 'string', multiple: true, default: [...PARTS] },
      callers: { type: 'string', multiple: true },
      rounds: { type: 'string' },
    },
  });
  const unknown = values.part.filter((part) => !PARTS.includes(part as Part));
  if (unknown.length > 0) throw new Error(`--part ${unknown.join(', ')}: there are ${PARTS.join(', ')}`);
  const usual = values.short ? SHORT : FULL;
  return {
    ...usual,
    parts: PARTS.filter((part) => values.part.includes(part)),
    short: values.short,
    callers: values.callers?.map(Number) ?? usual.callers,
    rounds: values.rounds === undefined ? usual.rounds : Number(values.rounds),
  };
}
