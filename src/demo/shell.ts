/**
 * One request, told twice: as the `curl` line that a visitor can copy and as the answer that it gives. Both come
 * from the same `Line`, and `pick` is a pattern that grep and JavaScript read alike, so the two cannot differ.
 */
export interface Line {
  readonly method: 'GET' | 'PUT';
  readonly path: string;
  readonly body?: object;
  /** What is shown of the answer: its line of text, its status, or each match of a pattern. */
  readonly show: 'text' | 'status' | { readonly pick: string };
}

export interface Answer {
  readonly status: number;
  /** Null when the answer is no verdict. */
  readonly verdict: string | null;
  /** Id of the decision; null when the answer is no verdict. */
  readonly decision: string | null;
  readonly body: string;
}

export interface Shell {
  readonly url: string;
  /** Prints an empty line and then these, as comments. */
  say(...lines: readonly string[]): void;
  /** Prints a command of which only the visitor sees the answer. */
  offer(command: string): void;
  /** Sends the request without a word. */
  send(line: Line): Promise<Answer>;
  /** Prints the command and what was answered. */
  tell(line: Line, answer: Answer): Answer;
}

export const ask = (path: string): Line => ({ method: 'GET', path, show: 'text' });
export const put = (path: string, body: object): Line => ({ method: 'PUT', path, body, show: 'status' });
export const pick = (path: string, pattern: string): Line => ({ method: 'GET', path, show: { pick: pattern } });

const WIDEST = 120;

export function createShell(url: string, write: (text: string) => void, stopped: AbortSignal): Shell {
  return {
    url,
    say: (...lines) => write(`\n${lines.map((line) => `# ${line}\n`).join('')}`),
    offer: (command) => write(`${command}\n`),
    send: (line) => send(url, line, stopped),
    tell(line, answer) {
      const shown = shownOf(line, answer).trimEnd().split('\n');
      write(`${curlLine(url, line)}\n${shown.map((each) => `#=> ${each}\n`).join('')}`);
      return answer;
    },
  };
}

async function send(url: string, { method, path, body, show }: Line, signal: AbortSignal): Promise<Answer> {
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const accept = show === 'text' ? { accept: 'text/plain' } : {};
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(url + path, { method, headers: { ...type, ...accept }, ...sent, signal });
  const header = (name: string) => response.headers.get(name);
  const text = await response.text();
  return { status: response.status, verdict: header('gate-verdict'), decision: header('gate-decision'), body: text };
}

function shownOf({ show }: Line, { status, body }: Answer): string {
  if (show === 'text') return body;
  if (show === 'status') return String(status);
  return [...body.matchAll(new RegExp(show.pick, 'g'))].map(([found]) => found).join('\n');
}

function curlLine(url: string, { method, path, body, show }: Line): string {
  const verb = method === 'GET' ? '' : ` -X ${method}`;
  const accept = show === 'text' ? " -H 'Accept: text/plain'" : '';
  const output = show === 'status' ? " -o /dev/null -w '%{http_code}\\n'" : '';
  const data = body === undefined ? '' : ` -H 'Content-Type: application/json' -d ${quoted(jsonText(body))}`;
  const grep = typeof show === 'object' ? ` | grep -o ${quoted(show.pick)}` : '';
  return `curl -sS${output}${verb}${accept} ${quoted(url + path)}${data}${grep}`;
}

/** On one line, or with a line for each field when it is long. */
function jsonText(body: object): string {
  const short = JSON.stringify(body);
  if (short.length <= WIDEST) return short;
  return `{\n${Object.entries(body)
    .map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`)
    .join(',\n')}\n}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
