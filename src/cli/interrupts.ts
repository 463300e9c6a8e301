/**
 * The signals that end training early, with the exit codes that shells give them (128 + the signal's number). SIGPIPE
 * stands for an output that nobody reads any more (see main.ts).
 */
const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGPIPE: 141, SIGTERM: 143 } as const;
type Interrupt = keyof typeof exitCodes;
const interrupts = Object.keys(exitCodes) as Interrupt[];

/**
 * One press of Ctrl-C may arrive several times: the terminal sends it to every process of the group, and npm passes on
 * what it gets. Signals within this many milliseconds of the first are taken for the same one.
 */
const sameKeyMs = 1000;

/** Turns the first signal into an abort and the second into an immediate exit, until `release()`. */
export interface Interrupts {
  readonly signal: AbortSignal;
  /** The exit code that the signal calls for; undefined as long as there was none. */
  readonly exitCode: number | undefined;
  release(): void;
}

/** @param onFirst called when the first signal arrives */
export function catchInterrupts(onFirst: (name: string) => void): Interrupts {
  const controller = new AbortController();
  let exitCode: number | undefined;
  let firstAt = 0;
  const handle = (name: NodeJS.Signals) => {
    if (exitCode === undefined) {
      exitCode = exitCodes[name as Interrupt];
      firstAt = performance.now();
      controller.abort();
      onFirst(name);
    } else if (name !== "SIGPIPE" && performance.now() - firstAt > sameKeyMs) {
      process.exit(exitCode);
    }
  };
  for (const name of interrupts) process.on(name, handle);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    release: () => {
      for (const name of interrupts) process.off(name, handle);
    },
  };
}
