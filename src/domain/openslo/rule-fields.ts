/** Fields of a rule that OpenSLO has nothing for: they always stand in annotations. */
export const UNSAID = [
  ...[
    'mode',
    'measuredIn',
    'guards',
    'attribution',
    'limits',
    'minEvents',
    'minBad',
    'maxAge',
    'absentBadMeansZero',
    'uncertain',
  ],
] as const;

/** The annotations of ringgate that each kind of document may have. */
export const OF_SLO = [...UNSAID, 'description', 'budget', 'window', 'sliceWindow', 'burnRates'];
export const OF_INDICATOR = ['provider'];
/** An SLI that is a rule by itself, for one that promises nothing. */
export const OF_SLI_RULE = [...UNSAID, 'description', 'budget', 'objective', 'burnRates', 'service', 'provider'];
export const OF_SERVICE = [
  ...['title', 'labels', 'deployments', 'concurrency', 'allowUnmeasured', 'artifact', 'enforcement'],
  ...['rollbackWithin', 'deploymentTimeout', 'proofFor', 'rings'],
];

/** Queries that name these are not about the whole service, and only that has a budget. */
const NARROW = /\$\{(version|release|ring)\}/;

/** The budget of an SLO that does not say another: the rule holds once the objective is missed. */
export function usualBudget(indicator: Readonly<Record<string, unknown>>): { readonly holdBelow: number } | undefined {
  const isNarrow = Object.values(indicator).some((text) => typeof text === 'string' && NARROW.test(text));
  return isNarrow ? undefined : { holdBelow: 0 };
}

/** The fields that are given. */
export function given(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
