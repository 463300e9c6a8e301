import { UserError } from "../errors.ts";

/** A file whose bytes are not what they should be, or cannot be had. */
export class FileFault extends UserError {
  override name = "FileFault";
  /** What is wrong, in words that follow the file's name: `is not a whole gzip file`. */
  readonly fault: string;

  constructor(file: string, fault: string, advice = "Get the file again.", options?: ErrorOptions) {
    super(`${file} ${fault}. ${advice}`, options);
    this.fault = fault;
  }
}

/** 1 GiB: over twenty times MNIST's largest file, and twice that of EMNIST's largest split. */
export const largestFile = 2 ** 30;

/** What to say of a file that has more bytes, packed or not, than are read into memory. */
export function tooLarge(name: string, maxBytes: number, advice?: string): FileFault {
  return new FileFault(name, `holds more than ${maxBytes} bytes, the most expected here`, advice);
}
