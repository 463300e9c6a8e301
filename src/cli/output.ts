import { UsageError } from "../errors.ts";
import { isStdout } from "../node/open-files.ts";
import { writeLine } from "../node/terminal.ts";

/** A line at the bottom of the terminal that must make room for other lines. */
export interface StatusLine {
  /** Takes the line away until the next time it is drawn. */
  clear(): void;
}

/**
 * Where a command writes: results to stdout, remarks to stderr. With `--json` stdout carries JSON and nothing else, or a file
 * where that is to be written there, and what people read goes to stderr.
 */
export class Output {
  /** What is drawn on the terminal at the moment, if anything. */
  status: StatusLine | undefined;
  readonly json: boolean;
  readonly #people: NodeJS.WriteStream;

  /**
   * @param options.out the file that the command writes: if that is stdout itself, nothing else goes there
   * @throws UsageError if JSON is to go there as well
   */
  constructor({
    json = false,
    out,
  }: { readonly json?: boolean | undefined; readonly out?: string | undefined }) {
    const isTaken = out !== undefined && isStdout(out);
    if (isTaken && json)
      throw new UsageError(`${out} is where --json writes to. Name another file, or leave --json out.`);
    this.json = json;
    this.#people = json || isTaken ? process.stderr : process.stdout;
  }

  /** A line for people. */
  say(line: string): void {
    this.#write(this.#people, line);
  }

  /** A remark about how things went, which is no result. What may remark is given this by itself. */
  readonly notice = (line: string): void => this.#write(process.stderr, line);

  /** A line for programs, with `--json` only. */
  record(value: object): void {
    if (this.json) this.#write(process.stdout, JSON.stringify(value));
  }

  #write(stream: NodeJS.WriteStream, line: string): void {
    this.status?.clear();
    writeLine(stream, line);
  }
}
