/**
 * The signals that end training early, with the exit codes that shells give them (128 + the signal's number). SIGPIPE
 * stands for an output that nobody reads any more (see main.ts).
 */
const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGPIPE: 141, SIGTERM: 143 } as const;
type Interrupt = keyof typeof exitCodes;
const interrupts = Object.keys(exitCodes) as Interrupt[];

/**
 * One press of Ctrl-C may arrive several times: the terminal sends it to every process of the group, and npm passes on
 * what it gets. Signals that arrive within this many milliseconds of the first are taken for the same one. When one
 * arrived is not known, only when this program came to hear of it: on a busy machine much later.
 */
const usualKeyMs = 1000;

/** Turns the first signal into an abort, and lets a later one end the process at once, until `release()`. */
export interface Interrupts {
  readonly signal: AbortSignal;
  /** The exit code that the signal calls for; undefined as long as there was none. */
  readonly exitCode: number | undefined;
  release(): void;
}

/**
 * @param onFirst called when the first signal arrives
 * @param sameKeyMs milliseconds within which others are taken for the same one
 */
export function catchInterrupts(onFirst: (name: string) => void, sameKeyMs = usualKeyMs): Interrupts {
  const controller = new AbortController();
  let exitCode: number | undefined;
  let isLater = false;
  const release = () => {
    for (const name of interrupts) process.off(name, handle);
  };
  const handle = (name: NodeJS.Signals) => {
    if (exitCode === undefined) {
      exitCode = exitCodes[name as Interrupt];
      afterWaiting(sameKeyMs, () => {
        isLater = true;
      });
      controller.abort();
      onFirst(name);
    } else if (name !== "SIGPIPE" && isLater) {
      // The signal ends the process as it would without a handler; `process.exit` would wait for an operation on a file that hangs.
      release();
      process.kill(process.pid, name);
    }
  };
  for (const name of interrupts) process.on(name, handle);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    release,
  };
}

/** Catches signals as `catchInterrupts` does, and tells what the first one leads to. */
export function catchAndTell(notice: (line: string) => void): Interrupts {
  return catchInterrupts((name) => {
    const [cause, hint] =
      name === "SIGPIPE" ? ["stdout takes nothing more", ""] : [name, "; once more exits at once"];
    notice(`${cause}: stopping and keeping what was trained${hint}.`);
  });
}

/**
 * Calls `then` after so many milliseconds, once all signals have been handled that arrived before: when the timer fires
 * late because the program was busy, they still wait in the part of the event loop between timers and immediates.
 */
function afterWaiting(milliseconds: number, then: () => void): void {
  setTimeout(() => setImmediate(then).unref(), milliseconds).unref();
}
