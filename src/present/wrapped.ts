/**
 * A text in lines of some width, broken at its blanks. A word that is wider stands alone: it may be a path.
 *
 * @param text without line feeds
 * @param width characters; infinite for one line
 */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
