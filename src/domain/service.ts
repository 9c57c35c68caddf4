import { durationMs } from './duration.ts';
import { keptFor } from './kept.ts';

/** A ring plan as it is configured: what `PUT /services/{service}` takes and `GET` returns. */
export interface ServiceDocument {
  readonly title?: string;
  readonly labels?: Labels;
  readonly deployments?: 'assumed' | 'reported';
  readonly concurrency?: 'queue' | 'supersede';
  readonly allowUnmeasured?: boolean;
  readonly artifact?: 'optional' | 'required';
  readonly enforcement?: 'enforce' | 'advise';
  readonly rollbackWithin?: string;
  readonly deploymentTimeout?: string;
  readonly proofFor?: string;
  readonly rings: readonly RingDocument[];
}

export interface RingDocument {
  readonly name: string;
  /** The ring's own share of the fleet, 0–1. */
  readonly exposure?: number;
  /** Prometheus duration. */
  readonly bake: string;
  readonly labels?: Labels;
  /** How many people have to approve before a release enters; none by default. */
  readonly approvals?: number;
  /** True when nobody enters of whom it is not known who asked. */
  readonly askerKnown?: boolean;
  /** Rings before it; by default the ring listed before it. */
  readonly after?: readonly string[];
}

export type Labels = Readonly<Record<string, string>>;

/** The same plan with every default filled in and durations in milliseconds. */
export interface Plan {
  readonly labels: Labels;
  readonly deployments: 'assumed' | 'reported';
  readonly concurrency: 'queue' | 'supersede';
  readonly allowUnmeasured: boolean;
  /** Whether a release has to state its artifact from the first question on. */
  readonly artifact: 'optional' | 'required';
  readonly enforcement: 'enforce' | 'advise';
  /** How long after entering the last ring harm still means rollback; null when the plan does not say. */
  readonly rollbackWithinMs: number | null;
  /** How long after its end a promise is still known to its own release; then it is lost. */
  readonly deploymentTimeoutMs: number;
  /** How long proofs count of a release that runs nowhere. */
  readonly proofForMs: number;
  /** In the order of the document. */
  readonly rings: readonly Ring[];
}

export interface Ring {
  readonly name: string;
  readonly bakeMs: number;
  /** The ring's labels over the service's. */
  readonly labels: Labels;
  /** Labels that the ring itself sets. */
  readonly ownLabels: Labels;
  readonly approvals: number;
  readonly askerKnown: boolean;
  readonly after: readonly string[];
}

/** Fills the defaults of a validated document. */
export const planOf: (document: ServiceDocument) => Plan = keptFor(readPlan);

function readPlan(document: ServiceDocument): Plan {
  const labels = document.labels ?? {};
  return {
    labels,
    deployments: document.deployments ?? 'assumed',
    concurrency: document.concurrency ?? 'queue',
    allowUnmeasured: document.allowUnmeasured ?? false,
    artifact: document.artifact ?? 'optional',
    enforcement: document.enforcement ?? 'enforce',
    rollbackWithinMs: document.rollbackWithin === undefined ? null : durationMs(document.rollbackWithin),
    deploymentTimeoutMs: durationMs(document.deploymentTimeout ?? '24h'),
    proofForMs: durationMs(document.proofFor ?? '14d'),
    rings: document.rings.map((ring, i) => ({
      name: ring.name,
      bakeMs: durationMs(ring.bake),
      labels: { ...labels, ...ring.labels },
      ownLabels: ring.labels ?? {},
      approvals: ring.approvals ?? 0,
      askerKnown: ring.askerKnown ?? false,
      after: ring.after ?? (i === 0 ? [] : [(document.rings[i - 1] as RingDocument).name]),
    })),
  };
}

/** The named ring, or undefined. */
export function ringOf(plan: Plan, name: string): Ring | undefined {
  return plan.rings.find((ring) => ring.name === name);
}

/** Every ring that must be proven before `name` may be entered, in plan order. Empty for a first ring. */
export function predecessorsOf(plan: Plan, name: string): readonly Ring[] {
  const found = new Set<string>();
  const visit = (ring: string): void => {
    for (const before of ringOf(plan, ring)?.after ?? []) {
      if (found.has(before)) continue;
      found.add(before);
      visit(before);
    }
  };
  visit(name);
  return plan.rings.filter((ring) => found.has(ring.name));
}

/** A ring together with every ring before it, in plan order. */
export function ringsUpTo(plan: Plan, name: string): readonly Ring[] {
  const before = predecessorsOf(plan, name);
  return plan.rings.filter((ring) => ring.name === name || before.includes(ring));
}

/** The rings that no other ring comes after: when they are all proven, the release has settled. */
export function lastRingsOf(plan: Plan): readonly Ring[] {
  const followed = new Set(plan.rings.flatMap((ring) => ring.after));
  return plan.rings.filter((ring) => !followed.has(ring.name));
}
