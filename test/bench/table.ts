/** Columns wide enough for what stands in them, in the form that Markdown shows as a table. */
export function printTable(title: string, head: readonly string[], rows: readonly (readonly string[])[]): void {
  const lines = [head, head.map(() => ''), ...rows];
  const widths = head.map((_, i) => Math.max(3, ...lines.map((line) => line[i]?.length ?? 0)));
  const text = lines.map((line, at) => {
    const cells = widths.map((width, i) => (at === 1 ? '-'.repeat(width) : (line[i] ?? '').padEnd(width)));
    return `| ${cells.join(' | ')} |`;
  });
  process.stdout.write(`\n${title}\n\n${text.join('\n')}\n`);
}

export const ms = (value: number): string => value.toFixed(value < 10 ? 2 : 1);
export const whole = (value: number): string => String(Math.round(value));
export const ratio = (value: number): string => `${value.toFixed(2)} ×`;
