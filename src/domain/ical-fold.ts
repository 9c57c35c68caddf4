const LONGEST_LINE = 75;
/** Most lines are. */
const SHORT = /^[ -~]{0,75}$/;

/**
 * iCalendar text with its lines folded anew at 75 octets (RFC 5545, 3.1), never within a character. The library that
 * writes the text does not count the space at the beginning of a folded line.
 */
export function folded(text: string): string {
  return text.replaceAll('\r\n ', '').split('\r\n').map(foldedLine).join('\r\n');
}

function foldedLine(line: string): string {
  if (SHORT.test(line)) return line;
  const encoder = new TextEncoder();
  let octets = 0;
  let folded = '';
  for (const character of line) {
    const size = encoder.encode(character).length;
    const fits = octets + size <= LONGEST_LINE;
    folded += fits ? character : `\r\n ${character}`;
    octets = fits ? octets + size : size + 1;
  }
  return folded;
}
