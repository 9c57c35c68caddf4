import { describe, expect, it } from 'vitest';
import { replayEntry } from '../../src/app/replay-decision.ts';
import { CAUSES } from '../../src/domain/cause.ts';
import { corpus } from '../support/corpus.ts';

describe('The corpus of recorded decisions', () => {
  const recorded = corpus();

  it('holds decisions of every verdict and of most causes that can be reached today', () => {
    const text = recorded.map(({ body }) => body).join();
    const reached = [...CAUSES.promote, ...CAUSES.hold, ...CAUSES.rollback].filter((cause) =>
      text.includes(`"cause":"${cause}"`),
    );
    expect(reached.length).toBeGreaterThanOrEqual(25);
    for (const verdict of ['promote', 'hold', 'rollback']) expect(text).toContain(`"verdict":"${verdict}"`);
  });

  it('is recomputed by this version, verdict and bytes', () => {
    for (const { file, body } of recorded) {
      const { id } = JSON.parse(body) as { id: string };
      expect({ file, id, ...replayEntry(body, '9.9.9') }).toMatchObject({
        verdictIdentical: true,
        bytesIdentical: true,
      });
    }
  });

  it('shows a decision whose facts were touched', () => {
    const touched = recorded
      .map(({ body }) => body.replace('"total":"1000"', '"total":"1001"'))
      .filter((body, i) => body !== recorded[i]?.body);
    expect(touched.length).toBeGreaterThan(0);
    for (const body of touched) expect(replayEntry(body, '9.9.9').bytesIdentical).toBe(false);
  });
});
