/** What a terminal obeys instead of showing it: controls (C0, DEL, C1), ends of lines, marks that turn text around. */
const obeyed = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** A line without these: they stand there as `\u001b`, which is what JSON calls them too. */
export function printable(line: string): string {
  return line.replace(obeyed, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/**
 * Writes a line for people or programs. All that the command line says goes through here: names of files and folders,
 * and what files hold, are none of ours.
 */
export function writeLine(stream: NodeJS.WritableStream, line: string): void {
  stream.write(`${printable(line)}\n`);
}

/** Whether `stream` is a terminal that may be given escape sequences: not a dumb one, and nobody asked for none. */
export function takesEscapes(stream: NodeJS.WriteStream): boolean {
  const { TERM, NO_COLOR } = process.env;
  return stream.isTTY && TERM !== "dumb" && !NO_COLOR;
}
