/**
 * The corpus: decisions recorded by every version of ringgate from 0.1.0 on, which each later version
 * must be able to recompute. A run with COLLECT_CORPUS=<file> adds the decisions that the acceptance
 * tests make, one of each kind; see CONTRIBUTING.md for when to do that.
 */
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import type { DecisionBody } from '../../src/app/decision-record.ts';

const FOLDER = new URL('../fixtures/decisions/', import.meta.url);
const collected = new Set<string>();

/** The recorded bodies, exactly as they were hashed, by the file that holds them. */
export function corpus(): readonly { readonly file: string; readonly body: string }[] {
  return readdirSync(FOLDER).flatMap((file) =>
    readFileSync(new URL(file, FOLDER), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((body) => ({ file, body })),
  );
}

/** Keeps the body when a corpus is being collected and nothing of its kind was kept before. */
export function collect(body: string): void {
  const file = process.env.COLLECT_CORPUS;
  if (file === undefined) return;
  const { stage, verdict, advised, decision, facts } = JSON.parse(body) as DecisionBody;
  if (facts === undefined) return;
  const findings = decision.findings.map(({ check, cause, countedAs }) => `${check}:${cause}:${countedAs}`);
  const kind = JSON.stringify([stage, verdict, advised, findings]);
  if (collected.has(kind)) return;
  collected.add(kind);
  appendFileSync(file, `${body}\n`);
}
