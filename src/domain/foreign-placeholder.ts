/**
 * Placeholders of other tools in a text that is compared as it stands. A rule that was pasted from Flagger, Argo, Helm,
 * Grafana or a page of instructions selects nothing then, and errors that nothing selects look like no errors.
 */
const FOREIGN: readonly RegExp[] = [
  /\{\{.*?(?:\}\}|$)/s,
  /\{%.*?%\}/s,
  /#\{[A-Za-z_][^}]*\}/,
  /\$\([A-Za-z_]\w*\)/,
  /@[A-Za-z_][\w.-]*@/,
  // Neither a set of characters such as [%a] nor one such as [[:alpha:]].
  /\[%\s.*?\s%\]/s,
  /\[\[\s*[A-Za-z_][\w.-]*\s*\]\]/,
  // A group in a regular expression is hardly ever all of it, and twice.
  /^\(\(\s*[A-Za-z_][\w.-]*\s*\)\)$/,
  // Not what is escaped as in a URL.
  /%[A-Z_][A-Z0-9_]+%(?![0-9A-Fa-f]{2})/,
  // Not the end of a regular expression, not an escaped sign, and not "costs $5".
  /(?<!\\)\$[A-Za-z_]\w*/,
  // Not the name of a group in a regular expression, nor <init> and its like.
  /(?<!\?P?)<(?:[A-Z][A-Z0-9_-]*|(?:your|my)-[\w-]+)>/,
  /%\(\w+\)[sd]/,
];

/** The first placeholder of another tool in a compared text, as it is written there; null when there is none. */
export function foreignPlaceholder(text: string): string | null {
  const found = FOREIGN.flatMap((pattern) => pattern.exec(text)?.[0] ?? []);
  return found.sort((a, b) => text.indexOf(a) - text.indexOf(b))[0] ?? null;
}

/** What to write instead: ours by its name where it has one, else any. */
export function placeholderInstead(foreign: string): string {
  const name = /[A-Za-z]+/.exec(foreign)?.[0].toLowerCase() ?? '';
  return ['service', 'version', 'ring', 'release'].includes(name) ? `\${${name}}` : '${service}, ${version} or ${ring}';
}
