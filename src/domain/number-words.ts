/** A measured number for a sentence: one decimal place, below 1 two digits. */
export function round(text: string): string {
  const value = Number(text);
  if (!Number.isFinite(value)) return text;
  return String(Math.abs(value) < 1 ? Number(value.toPrecision(2)) : Math.round(value * 10) / 10);
}

/** A share for a sentence: three digits of per cent. */
export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))}%`;
}
