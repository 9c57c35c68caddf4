import { type FieldError, pointerTo } from './errors.ts';
import type { Labels } from './service.ts';

const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const MAX_LABEL_LENGTH = 256;

/** What is wrong with labels: a name Prometheus would not take, a value that is empty, too long or not plain text. */
export function labelErrors(at: string, labels: Labels | undefined): readonly FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([name, value]) => {
    const pointer = pointerTo(at, name);
    if (!LABEL_NAME.test(name))
      return [{ pointer, message: 'a label name has only letters, digits and _, and begins with no digit' }];
    const message = labelValueMistake(value);
    return message === null ? [] : [{ pointer, message }];
  });
}

/** An empty value would be no label at all: in Prometheus it matches every series without it. */
function labelValueMistake(value: string): string | null {
  if (value === '') return 'a label value may not be empty';
  if (!value.isWellFormed()) return 'a label value may not contain half a surrogate pair';
  if (/\p{Cc}/u.test(value)) return 'a label value may not contain control characters';
  return value.length > MAX_LABEL_LENGTH ? `a label value has at most ${MAX_LABEL_LENGTH} characters` : null;
}
