import type { Situation } from './facts.ts';
import type { MetricQuestion } from './measurement.ts';
import { probesFor } from './probes.ts';
import { sceneOf } from './scene.ts';

/** Everything that has to be measured for this situation: which queries, for which rule, ring and window. */
export function questionsFor(situation: Situation): readonly MetricQuestion[] {
  return probesFor(sceneOf(situation)).flatMap((probe) => [
    ...probe.samples.flatMap((sample) => sample.questions),
    ...probe.ages,
  ]);
}
