import { STAYS, type StayState, TURNS, type Turn } from '../../src/domain/life-table.ts';

const RUNNING = (Object.keys(STAYS) as StayState[]).filter((state) => STAYS[state].runs);

/** The table of lives as a Mermaid diagram, as the README shows it: an arrow for each row that leads to another state. */
export function lifePicture(): string {
  const arrows = new Map<string, string[]>();
  for (const turn of TURNS.filter(({ to }) => to !== 'same')) {
    for (const from of sourcesOf(turn)) {
      const to = turn.to === 'none' ? '[*]' : idOf(turn.to);
      const key = `${from} --> ${to}`;
      arrows.set(key, [...new Set([...(arrows.get(key) ?? []), labelOf(turn)])]);
    }
  }
  const inside = RUNNING.map((state) => `    ${idOf(state)}`);
  const lines = [...arrows].map(([arrow, labels]) => `  ${arrow}: ${labels.join(' / ')}`);
  return ['stateDiagram-v2', '  state runs {', ...inside, '  }', ...lines, ''].join('\n');
}

/** Whatever runs is drawn as one, and so is whatever does not. */
function sourcesOf({ from }: Turn): readonly string[] {
  if (from === 'any' || RUNNING.every((state) => from.includes(state))) return ['runs'];
  const gone = from.filter((state) => !STAYS[state].runs);
  const running = from.filter((state) => STAYS[state].runs).map(idOf);
  return gone.length > 1 ? ['[*]', ...running] : [...gone.map(idOf), ...running];
}

function labelOf({ on, when }: Turn): string {
  return when.length === 0 ? on : `${on}, ${when.join(', ')}`;
}

function idOf(state: string): string {
  return state.replace('-', '_');
}
