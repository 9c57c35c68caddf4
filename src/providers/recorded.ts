import type { ProviderDocument, RecordedAnswer } from '../app/ports.ts';
import type { Measurement, MetricQuestion } from '../domain/measurement.ts';
import { readSample } from '../domain/sample.ts';

/**
 * Answers out of the document itself, for first steps, examples and tests: the first entry that
 * matches. Questions about the age are answered "0" (fresh), those about series with none and those about the
 * distance between samples with nothing, unless an entry is about just these.
 */
export function askRecorded(document: ProviderDocument, question: MetricQuestion): Measurement {
  const entry = (document.answers ?? []).find((answer) => matches(answer, question));
  if (entry !== undefined) return measurementOf(entry);
  return question.part === 'age' ? { kind: 'value', value: '0' } : { kind: 'no-data' };
}

/** What is asked beside the numbers themselves. */
const ASIDE: readonly MetricQuestion['part'][] = ['age', 'series', 'distance'];

function matches(answer: RecordedAnswer, question: MetricQuestion): boolean {
  const part = answer.part === undefined ? !ASIDE.includes(question.part) : answer.part === question.part;
  return part && (answer.contains ?? []).every((text) => question.query.includes(text));
}

function measurementOf(answer: RecordedAnswer): Measurement {
  switch (answer.outcome) {
    case undefined:
      break;
    case 'no-data':
    case 'deadline-exceeded':
      return { kind: answer.outcome };
    case 'unavailable':
      return { kind: 'unavailable', reason: 'connection', detail: 'recorded as unavailable' };
    case 'rejected':
      return { kind: 'rejected', detail: 'recorded as rejected' };
    case 'partial':
      return { kind: 'partial', warnings: ['recorded as partial'] };
    case 'too-many-series':
      return { kind: 'too-many-series', series: 2 };
  }
  const sample = answer.value === undefined ? null : readSample(answer.value);
  return sample ?? { kind: 'unavailable', reason: 'misconfigured', detail: 'a recorded value is not a number' };
}
