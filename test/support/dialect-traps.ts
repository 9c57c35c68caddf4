import type { Reaction } from './clients/dialect.ts';

/** What is changed in the text of a recipe; all of it has to be there. */
export type Changes = readonly (readonly [from: string | RegExp, to: string])[];

interface Trap {
  readonly what: string;
  readonly client: string;
  readonly changes: Changes;
  readonly situation: string;
  /** What the client then does, and should not. */
  readonly does: Reaction;
}

/** What the recipes are made to avoid. */
export const TRAPS: readonly Trap[] = [
  {
    what: 'Flagger rolls back on a 2xx',
    client: 'Flagger during',
    changes: [['view=flagger-rollback', 'view=flagger-confirm']],
    situation: 'promote',
    does: 'back',
  },
  {
    what: 'a check of Flagger says nothing of going on',
    client: 'Flagger before',
    changes: [['view=flagger-confirm', 'view=flagger-check']],
    situation: 'hold by time',
    does: 'on',
  },
  {
    what: 'Argo without a condition for failure takes a hold for one',
    client: 'Argo',
    changes: [[/ +failureCondition: .*\n/, '']],
    situation: 'hold by data',
    does: 'back',
  },
  {
    what: 'Argo without a condition for success takes a hold for one',
    client: 'Argo',
    changes: [[/ +successCondition: .*\n/, '']],
    situation: 'hold by data',
    does: 'on',
  },
  {
    what: 'Argo counts holds',
    client: 'Argo',
    changes: [[/^( +)consecutiveSuccessLimit: 1/m, '$1count: 10']],
    situation: 'hold by person',
    does: 'on',
  },
  {
    what: 'Argo aborts after four errors',
    client: 'Argo',
    changes: [[/ +consecutiveErrorLimit: .*\n/, '']],
    situation: 'gate gone',
    does: 'back',
  },
  {
    what: 'Azure without criteria takes every 2xx',
    client: 'Azure',
    changes: [[/ +successCriteria: .*\n/, '']],
    situation: 'hold by person',
    does: 'on',
  },
  {
    what: 'Spinnaker without a path takes every 2xx',
    client: 'Spinnaker',
    changes: [[/ +"statusJsonPath": .*\n/, '']],
    situation: 'hold by time',
    does: 'on',
  },
  {
    what: 'Spinnaker succeeds with the first answer',
    client: 'Spinnaker',
    changes: [
      [/"(monitorOnly)": true/, '"$1": false'],
      [/"(waitForCompletion)": true/, '"$1": false'],
    ],
    situation: 'rollback',
    does: 'on',
  },
  {
    what: 'Kargo without expressions takes every 2xx',
    client: 'Kargo',
    changes: [
      [/ +successExpression: .*\n/, ''],
      [/ +failureExpression: .*\n/, ''],
    ],
    situation: 'gate overloaded',
    does: 'on',
  },
  {
    what: 'Kargo cannot tell by the status alone',
    client: 'Kargo',
    changes: [[" && response.body.verdict == 'promote'", '']],
    situation: 'hold for ever',
    does: 'on',
  },
  {
    what: 'Jenkins cannot tell a document by its status',
    client: 'Jenkins',
    changes: [['?wait=20s', '?view=document']],
    situation: 'hold by time',
    does: 'on',
  },
  {
    what: 'Jenkins calls a gate that is away a 408',
    client: 'Jenkins',
    changes: [["'200'", "'100:599'"]],
    situation: 'gate gone',
    does: 'on',
  },
];
