import { PREFIX, readAnnotations } from './annotation.ts';
import { type Draft, placed, placedInAnnotations } from './draft.ts';
import { type OpenSloDocument, requireName } from './open-slo-document.ts';
import type { Part } from './part.ts';
import { given, OF_SERVICE } from './rule-fields.ts';

/**
 * A service with its ring plan. OpenSLO knows no rings: without the annotation for them the document only names a
 * service, which must exist, and changes nothing; then null.
 */
export function readService({ metadata, spec, name }: OpenSloDocument): Draft | null {
  requireName(metadata.field('name'));
  spec.closed(['description']);
  if (spec.field('description').isThere) {
    spec.field('description').warn('a service has a title only: left aside');
  }
  const said = readAnnotations(metadata, OF_SERVICE);
  if (said.size === 0) return null;
  const rings = metadata.field('annotations').field(`${PREFIX}rings`).required();
  const document = {
    ...Object.fromEntries(said),
    title: one(said.get('title'), metadata.field('displayName')),
    labels: said.get('labels') ?? labelsOf(metadata.field('labels')),
  };
  if (said.has('labels') && metadata.field('labels').isThere) {
    metadata.field('labels').refuse('stands beside ringgate/labels: leave one of them out');
  }
  const places = [
    ...placedInAnnotations(OF_SERVICE, metadata, PREFIX),
    ...(said.has('title') ? [] : [placed('/title', metadata.field('displayName'))]),
    ...(said.has('labels') ? [] : [placed('/labels', metadata.field('labels'))]),
    { ...placed('/rings', rings), isText: true },
  ];
  const origin = metadata.field('name').pointer;
  return { kind: 'service', service: name, name, document: given(document), places, origin };
}

function one(stated: unknown, said: Part): unknown {
  if (stated !== undefined && said.isThere) said.refuse('stands beside ringgate/title: leave one of them out');
  return stated ?? said.text();
}

function labelsOf(labels: Part): Record<string, string> | undefined {
  if (!labels.isThere) return undefined;
  const read = labels.fields().map((name): readonly [string, string] => {
    const label = labels.field(name);
    const [only, ...more] = Array.isArray(label.value) ? label.items() : [label];
    if (more.length > 0) label.refuse('a label of a service has one value');
    return [name, only?.text() ?? ''];
  });
  return Object.fromEntries(read);
}
