import { writeLine } from "../node/terminal.ts";

/** A line at the bottom of the terminal that must make room for other lines. */
export interface StatusLine {
  /** Takes the line away until the next time it is drawn. */
  clear(): void;
}

/**
 * Where a command writes: results to stdout, remarks to stderr. With `--json` stdout carries JSON and nothing else, and
 * what people read goes to stderr.
 */
export class Output {
  /** What is drawn on the terminal at the moment, if anything. */
  status: StatusLine | undefined;
  readonly json: boolean;

  constructor(options: { readonly json?: boolean | undefined }) {
    this.json = options.json ?? false;
  }

  /** A line for people. */
  say(line: string): void {
    this.#write(this.json ? process.stderr : process.stdout, line);
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
