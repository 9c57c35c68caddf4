import type { Line } from './shell.ts';

/** Where the demo's metrics come from: written down in advance, or measured by a real Prometheus. */
export interface Source {
  /** What the visitor has to know about the metrics, in lines. */
  readonly about: readonly string[];
  /** The document for `PUT /providers/main`. */
  readonly provider: object;
  /** What the demo does instead of a deployment, in a sentence. */
  readonly deploying: string;
  /** Why an answer may take its time, in a sentence. */
  readonly awaits: string;
  /** From now on this version runs in the ring. Returns what else has to be asked of the gate so that it can be seen. */
  deploy(ring: string, version: string): readonly Line[];
  stop(): Promise<void>;
}
