import { durationErrors } from './duration-check.ts';
import type { FieldError } from './errors.ts';
import { labelErrors } from './label-check.ts';
import { isName } from './release.ts';
import type { RingDocument, ServiceDocument } from './service.ts';

const MAX_APPROVALS = 10;
/** What adding up decimal fractions such as 0.01 + 0.09 + 0.9 may be wrong by. */
const ROUNDING = 1e-9;

/**
 * Everything that is wrong with a ring plan beyond its schema, all at once. Only a plan without
 * errors may go through `planOf`.
 */
export function checkPlan(document: ServiceDocument): readonly FieldError[] {
  return [
    ...labelErrors('/labels', document.labels),
    ...durationErrors('/rollbackWithin', document.rollbackWithin, 1),
    ...durationErrors('/deploymentTimeout', document.deploymentTimeout, 1),
    ...durationErrors('/proofFor', document.proofFor, 1),
    ...(document.rings.length === 0 ? [{ pointer: '/rings', message: 'a plan needs at least one ring' }] : []),
    ...document.rings.flatMap((ring, i) => ringErrors(document.rings, ring, i)),
    ...shareErrors(document.rings),
    ...cycleErrors(document.rings),
  ];
}

function ringErrors(rings: readonly RingDocument[], ring: RingDocument, i: number): readonly FieldError[] {
  const at = `/rings/${i}`;
  const errors: FieldError[] = [];
  if (!isName(ring.name)) {
    errors.push({
      pointer: `${at}/name`,
      message: 'a name has at most 63 of a-z, 0-9 and -, and neither begins nor ends with -',
    });
  }
  if (rings.findIndex((other) => other.name === ring.name) < i) {
    errors.push({ pointer: `${at}/name`, message: `there is already a ring named ${ring.name}` });
  }
  const share = ring.exposure;
  if (share !== undefined && !(share >= 0 && share <= 1)) {
    errors.push({ pointer: `${at}/exposure`, message: "a ring's share lies between 0 and 1" });
  }
  return [
    ...errors,
    ...approvalErrors(`${at}/approvals`, ring.approvals),
    ...durationErrors(`${at}/bake`, ring.bake, 0),
    ...labelErrors(`${at}/labels`, ring.labels),
    ...afterErrors(rings, ring, `${at}/after`),
  ];
}

function approvalErrors(pointer: string, count: number | undefined): readonly FieldError[] {
  if (count === undefined || (Number.isInteger(count) && count >= 0 && count <= MAX_APPROVALS)) return [];
  return [{ pointer, message: `a whole number of people from 0 to ${MAX_APPROVALS}` }];
}

function afterErrors(rings: readonly RingDocument[], ring: RingDocument, at: string): readonly FieldError[] {
  return (ring.after ?? []).flatMap((before, j, all) => {
    const pointer = `${at}/${j}`;
    if (before === ring.name) return [{ pointer, message: `${before} cannot come after itself` }];
    if (!rings.some((other) => other.name === before))
      return [{ pointer, message: `there is no ring named ${before}` }];
    return all.indexOf(before) < j ? [{ pointer, message: `${before} is named twice` }] : [];
  });
}

function shareErrors(rings: readonly RingDocument[]): readonly FieldError[] {
  const sum = rings.reduce((total, ring) => total + (ring.exposure ?? 0), 0);
  if (sum <= 1 + ROUNDING) return [];
  const message = `the rings' own shares add up to ${Number(sum.toPrecision(6))}, which is more than the whole fleet`;
  return [{ pointer: '/rings', message }];
}

/** Each cycle once, named in the order in which the rings wait for each other. */
function cycleErrors(rings: readonly RingDocument[]): readonly FieldError[] {
  const before = new Map(rings.map((ring, i) => [ring.name, ring.after ?? (i > 0 ? [rings[i - 1]?.name ?? ''] : [])]));
  const done = new Set<string>();
  const errors: FieldError[] = [];
  const visit = (name: string, path: readonly string[]): void => {
    const start = path.indexOf(name);
    if (start >= 0 && path.length - start > 1) {
      const i = rings.findIndex((ring) => ring.name === name);
      const message = `these rings wait for each other: ${[...path.slice(start), name].join(' after ')}`;
      errors.push({ pointer: `/rings/${i}/after`, message });
    }
    if (start >= 0 || done.has(name)) return;
    for (const next of before.get(name) ?? []) visit(next, [...path, name]);
    done.add(name);
  };
  for (const ring of rings) visit(ring.name, []);
  return errors;
}
