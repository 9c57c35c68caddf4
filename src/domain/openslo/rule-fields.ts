/** Fields of a rule that OpenSLO has nothing for: they always stand in annotations. */
export const UNSAID = [
  ...['mode', 'measuredIn', 'guards', 'limits', 'minEvents', 'minBad', 'maxAge', 'absentBadMeansZero', 'uncertain'],
] as const;

/** The annotations of ringgate that each kind of document may have. */
export const OF_SLO = [...UNSAID, 'description', 'budget', 'window', 'burnRates'];
export const OF_INDICATOR = ['provider'];
/** An SLI that is a rule by itself, for one that promises nothing. */
export const OF_SLI_RULE = [...UNSAID, 'description', 'budget', 'objective', 'burnRates', 'service', 'provider'];
export const OF_SERVICE = [
  ...['title', 'labels', 'deployments', 'concurrency', 'allowUnmeasured', 'enforcement', 'rollbackWithin', 'rings'],
];

/** The fields that are given. */
export function given(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
