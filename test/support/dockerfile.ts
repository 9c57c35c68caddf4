import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** An instruction of a Dockerfile with its continuation lines joined. */
export interface Instruction {
  readonly name: string;
  readonly flags: Readonly<Record<string, string>>;
  /** What follows the flags. */
  readonly text: string;
}

export interface Stage {
  readonly name: string | null;
  readonly image: string;
  readonly instructions: readonly Instruction[];
}

export function parseDockerfile(text: string): readonly Stage[] {
  const lines = text.split('\n').filter((line) => !/^\s*#/.test(line));
  const joined = lines.join('\n').replace(/\\\n\s*/g, ' ');
  const stages: { name: string | null; image: string; instructions: Instruction[] }[] = [];
  for (const line of joined.split('\n').filter((each) => each.trim() !== '')) {
    const instruction = parseInstruction(line);
    const [image = '', , name = null] = instruction.text.split(/\s+/);
    if (instruction.name === 'FROM') stages.push({ name, image, instructions: [] });
    else if (stages.length === 0) throw new Error(`${line} comes before FROM`);
    else stages.at(-1)?.instructions.push(instruction);
  }
  return stages;
}

function parseInstruction(line: string): Instruction {
  const [, name = '', rest = ''] = line.match(/^([A-Z]+)\s+(.*)$/) ?? [];
  if (name === '') throw new Error(`not an instruction: ${line}`);
  const [, flagged = '', text = ''] = rest.match(/^((?:--[a-z-]+=\S+\s+)*)(.*)$/) ?? [];
  const flags = [...flagged.matchAll(/--([a-z-]+)=(\S+)/g)].map((match) => [match[1] ?? '', match[2] ?? ''] as const);
  return { name, flags: Object.fromEntries(flags), text: text.trim() };
}

/** The words of an exec form, or null when it is a line for a shell. */
export function execForm(text: string): readonly string[] | null {
  if (!text.startsWith('[')) return null;
  const words = JSON.parse(text) as unknown;
  return Array.isArray(words) && words.every((word) => typeof word === 'string') ? words : null;
}

/** What the last instruction of this name says in the stage, or null. */
export function lastOf(stage: Stage, name: string): Instruction | null {
  return stage.instructions.findLast((each) => each.name === name) ?? null;
}

/** The variables that a stage sets. */
export function environmentOf(stage: Stage): Record<string, string> {
  const texts = stage.instructions.filter(({ name }) => name === 'ENV').map(({ text }) => text);
  const pairs = texts.flatMap((text) => [...text.matchAll(/(\w+)=("[^"]*"|\S+)/g)]);
  return Object.fromEntries(pairs.map((match) => [match[1] ?? '', (match[2] ?? '').replace(/^"|"$/g, '')]));
}

/** The sources and the destination of a COPY. */
export function copyOf({ text }: Instruction): { readonly sources: readonly string[]; readonly to: string } {
  const words = text.split(/\s+/);
  return { sources: words.slice(0, -1), to: words.at(-1) ?? '' };
}

/** Whether the build context leaves a path out; the last line of .dockerignore that fits decides. */
export function ignoredBy(dockerignore: string): (path: string) => boolean {
  const rules = dockerignore.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return (path) => {
    const fits = (pattern: string) => pattern === '*' || path === pattern || path.startsWith(`${pattern}/`);
    return rules.findLast((rule) => fits(rule.replace(/^!/, '')))?.startsWith('!') === false;
  };
}

/** Everything in a Dockerfile that would not build, would not be repeatable, or would run with more rights than it needs. */
export function dockerfileProblems(text: string, context: string): readonly string[] {
  const stages = parseDockerfile(text);
  const ignored = ignoredBy(readFileSync(join(context, '.dockerignore'), 'utf8'));
  const problems = stages.flatMap((stage, i) => [
    ...imageProblems(stage.image),
    ...stage.instructions.flatMap((each) => runProblems(each)),
    ...stage.instructions.flatMap((each) => copyProblems(each, context, ignored, stages.slice(0, i))),
  ]);
  const final = stages.at(-1);
  return [...problems, ...(final === undefined ? ['there is no stage'] : finalProblems(final))];
}

export function imageProblems(image: string): readonly string[] {
  const [first = '', tag] = image.split(':');
  const problems = [];
  if (tag === undefined || tag === 'latest' || image.endsWith(':')) problems.push(`${image} has no fixed tag`);
  if (/[.:]/.test(first.split('/')[0] ?? '') || image.split('/').length > 2) problems.push(`${image} names a host`);
  return problems;
}

function runProblems({ name, text }: Instruction): readonly string[] {
  if (name === 'ADD') return ['ADD unpacks and downloads: use COPY'];
  if (name !== 'RUN') return [];
  const problems = [];
  if (/(^|[\s=>])\/\w/.test(text)) problems.push(`RUN ${text} names an absolute path`);
  if (/\w:\/\//.test(text)) problems.push(`RUN ${text} names an address`);
  if (/\bnpm (ci|install|prune)\b/.test(text) && !text.includes('--ignore-scripts'))
    problems.push(`RUN ${text} runs install scripts`);
  return problems;
}

function copyProblems(
  instruction: Instruction,
  context: string,
  ignored: (path: string) => boolean,
  earlier: readonly Stage[],
): readonly string[] {
  if (instruction.name !== 'COPY') return [];
  const { sources, to } = copyOf(instruction);
  const problems = sources.length > 1 && !to.endsWith('/') ? [`COPY ${instruction.text} needs a folder`] : [];
  const { from } = instruction.flags;
  if (from !== undefined)
    return earlier.some(({ name }) => name === from) ? problems : [...problems, `there is no stage ${from}`];
  const missing = sources.filter((source) => !existsSync(join(context, source)) || ignored(source.replace(/\/$/, '')));
  const folders = sources.filter((source) => !missing.includes(source) && !source.endsWith('/'));
  const bare = folders.filter((source) => statSync(join(context, source)).isDirectory());
  return [
    ...problems,
    ...missing.map((source) => `COPY ${source} is not in the build context`),
    ...bare.map((source) => `COPY ${source} is a folder and needs a slash`),
  ];
}

function finalProblems(stage: Stage): readonly string[] {
  const problems = [];
  const user = lastOf(stage, 'USER')?.text ?? '';
  if (!/^[1-9]\d*(:[1-9]\d*)?$/.test(user)) problems.push('USER is not a number other than 0');
  for (const name of ['ENTRYPOINT', 'CMD']) {
    if (execForm(lastOf(stage, name)?.text ?? '') === null) problems.push(`${name} is not in exec form`);
  }
  const health = lastOf(stage, 'HEALTHCHECK');
  if (health === null || execForm(health.text.replace(/^CMD\s+/, '')) === null)
    problems.push('HEALTHCHECK is not in exec form');
  if (lastOf(stage, 'VOLUME') === null) problems.push('there is no VOLUME');
  if (lastOf(stage, 'WORKDIR') === null) problems.push('there is no WORKDIR');
  if (stage.instructions.some(({ name }) => name === 'RUN')) problems.push('RUN in the last stage leaves tools behind');
  return problems;
}
