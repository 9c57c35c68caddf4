import { type Dialect, type Heard, hourly, is2xx, jsonOf, member, type Reaction } from './dialect.ts';

/**
 * The webhook stage of Spinnaker, after github.com/spinnaker/spinnaker, `orca/orca-webhook`: `WebhookStage.java` (which
 * tasks it has), `CreateWebhookTask` and `WebhookResponseProcessor.java` (the first request), `MonitorWebhookTask.java`
 * (the questions after it, asked every 15s until they end) and `WebhookProperties.java` (429 is asked again; 20s for an answer).
 */
interface Stage {
  readonly monitorOnly?: boolean;
  readonly waitForCompletion?: boolean;
  readonly method?: 'GET' | 'POST';
  readonly url: string;
  readonly statusEndpoint?: string;
  readonly customHeaders?: Readonly<Record<string, string>>;
  readonly statusJsonPath?: string;
  readonly progressJsonPath?: string;
  readonly successStatuses?: string;
  readonly canceledStatuses?: string;
  readonly terminalStatuses?: string;
  readonly retryStatusCodes?: readonly number[];
}

type Status = 'SUCCEEDED' | 'RUNNING' | 'TERMINAL';

/** A stage that ends badly halts the pipeline; nothing is taken back. */
const REACTIONS: Readonly<Record<Status, Reaction>> = { SUCCEEDED: 'on', RUNNING: 'waits', TERMINAL: 'stops' };

export function spinnaker(text: string): Dialect {
  const stage = JSON.parse(text) as Stage;
  const { url, method = 'POST', customHeaders: headers = {} } = stage;
  const monitors = stage.waitForCompletion === true;
  const first = { method, url, headers, timeoutMs: 20_000 };
  const status = { method: 'GET', url: stage.statusEndpoint ?? url, headers, timeoutMs: 20_000 } as const;
  return {
    asks: { ...(stage.monitorOnly === true ? {} : { first }), ...(monitors ? { status } : {}) },
    reacts: (heard) =>
      hourly(240, () => {
        const created = stage.monitorOnly === true ? 'SUCCEEDED' : create(stage, heard.first);
        return REACTIONS[created === 'SUCCEEDED' && monitors ? monitor(stage, heard.status) : created];
      }),
  };
}

function create({ method = 'POST' }: Stage, heard: Heard | undefined): Status {
  if (heard === undefined || 'failed' in heard) {
    return heard?.failed === 'late' && method === 'GET' ? 'RUNNING' : 'TERMINAL';
  }
  if (is2xx(heard.status)) return 'SUCCEEDED';
  return heard.status >= 500 || heard.status === 429 ? 'RUNNING' : 'TERMINAL';
}

function monitor(stage: Stage, heard: Heard | undefined): Status {
  if (heard === undefined || 'failed' in heard) return heard?.failed === 'late' ? 'RUNNING' : 'TERMINAL';
  if (!is2xx(heard.status)) {
    const again =
      heard.status >= 500 || heard.status === 429 || stage.retryStatusCodes?.includes(heard.status) === true;
    return again ? 'RUNNING' : 'TERMINAL';
  }
  if (stage.statusJsonPath === undefined) return 'SUCCEEDED';
  const body = jsonOf(heard.body);
  const result = at(body, stage.statusJsonPath);
  const progress = stage.progressJsonPath === undefined ? '' : at(body, stage.progressJsonPath);
  if (!['string', 'number', 'boolean'].includes(typeof result) || typeof progress !== 'string') return 'TERMINAL';
  if (typeof result === 'number') return result === 100 ? 'SUCCEEDED' : 'RUNNING';
  const named = (list = '') =>
    list.split(',').some((each) => each.trim().toUpperCase() === String(result).toUpperCase());
  if (named(stage.terminalStatuses) || named(stage.canceledStatuses)) return 'TERMINAL';
  return named(stage.successStatuses) ? 'SUCCEEDED' : 'RUNNING';
}

function at(body: unknown, path: string): unknown {
  const name = /^\$\.(\w+)$/.exec(path)?.[1];
  if (name === undefined) throw new Error(`this path is not understood here: ${path}`);
  return member(body, name);
}
