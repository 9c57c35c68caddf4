/**
 * One flight for each question, however many callers ask it, and its answer for whoever asks the same
 * within the bucket. What makes two questions the same is everything that the answer can depend on,
 * and nothing of the caller: the provider with its whole document, the query, its window and the instant.
 *
 * A caller leaves when its own time is over and the flight goes on; a query that nobody waits for any
 * more is not sent at all, but once it was sent it ends by its own timeout only. So no caller can
 * make a query look failed to the others.
 */
import { createHash } from 'node:crypto';
import type { MetricQuestion } from '../domain/measurement.ts';
import { fingerprint, type Provider, type Reading, unavailable } from './ask.ts';
import { orAborted } from './deadline.ts';
import type { AskInTurn } from './in-turn.ts';
import { createKeptAnswers } from './kept-answers.ts';

/** Where an answer comes from: a query of its own, one in flight already, or the present bucket. */
export type Source = 'asked' | 'shared' | 'kept';

export interface AskShared {
  /** The answer that is known already, for which nobody has to wait. */
  known(provider: Provider, question: MetricQuestion): KnownReading | null;
  /** The reading rejects only when the signal fires. */
  ask(
    provider: Provider,
    question: MetricQuestion,
    signal: AbortSignal,
  ): { readonly source: Source; readonly reading: Promise<Reading> };
}

export interface KnownReading {
  readonly source: Source;
  readonly reading: Reading;
}

interface Flight {
  readonly answer: Promise<Reading | null>;
  readonly abandoned: AbortController;
  callers: number;
  landed: boolean;
}

export function sharing(ask: AskInTurn, monotonicMs: () => number): AskShared {
  const flights = new Map<string, Flight>();
  const kept = createKeptAnswers(monotonicMs);

  const fly = async (key: string, provider: Provider, question: MetricQuestion, abandoned: AbortSignal) => {
    const askedAtMs = monotonicMs();
    try {
      const reading = await ask(provider, question, abandoned);
      if (reading !== null) kept.put(key, reading, askedAtMs);
      return reading;
    } catch {
      return unavailable('misconfigured', 'the provider could not be asked');
    } finally {
      flights.delete(key);
    }
  };
  const start = (key: string, provider: Provider, question: MetricQuestion): Flight => {
    const flight = takeOff((abandoned) => fly(key, provider, question, abandoned));
    flights.set(key, flight);
    return flight;
  };

  return {
    known(provider, question) {
      const reading = kept.get(keyOf(provider, question));
      return reading === undefined ? null : { source: 'kept', reading };
    },
    ask(provider, question, signal) {
      const key = keyOf(provider, question);
      const source = flights.has(key) ? 'shared' : 'asked';
      const answered = async (): Promise<Reading> => {
        const reading = await join(flights.get(key) ?? start(key, provider, question), signal);
        // Whoever came in the moment the last one left finds nothing asked, and begins anew.
        return reading ?? answered();
      };
      return { source, reading: answered() };
    },
  };
}

function takeOff(fly: (abandoned: AbortSignal) => Promise<Reading | null>): Flight {
  const abandoned = new AbortController();
  const flight: Flight = { answer: fly(abandoned.signal), abandoned, callers: 0, landed: false };
  void flight.answer.then(() => {
    flight.landed = true;
  });
  return flight;
}

async function join(flight: Flight, signal: AbortSignal): Promise<Reading | null> {
  flight.callers += 1;
  try {
    return await orAborted(flight.answer, signal);
  } finally {
    flight.callers -= 1;
    // Making the reason of an abort takes longer than most of what is done here.
    if (flight.callers === 0 && !flight.landed) flight.abandoned.abort();
  }
}

function keyOf(provider: Provider, question: MetricQuestion): string {
  const { query, at, windowMs = null, part } = question;
  // The age of what a text counts may be another request with the same text.
  const parts = [provider.name, fingerprint(provider.document), query, at, windowMs, part === 'age'];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64');
}
