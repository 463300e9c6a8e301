import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Calls, Reply } from "./worker.ts";

/** The program of the processes, beside this one in the bundle. */
const program = fileURLToPath(new URL("worker.js", import.meta.url));

/** A process of the benchmark, as its parent sees it. */
export class BenchProcess {
  readonly #child: ChildProcess;
  #gone: string | undefined;

  constructor() {
    this.#child = fork(program, { serialization: "advanced" });
    this.#child.once("exit", (code, signal) => {
      this.#gone = signal ?? `exit code ${code}`;
    });
  }

  /** Asks the process to do something and waits for the result. One call at a time. */
  call<Name extends keyof Calls>(
    call: Name,
    argument: Parameters<Calls[Name]>[0],
  ): Promise<Awaited<ReturnType<Calls[Name]>>> {
    return new Promise((resolve, reject) => {
      const gone = () => reject(new Error(`${call}: the process ended (${this.#gone})`));
      if (this.#gone) return gone();
      this.#child.once("exit", gone);
      this.#child.once("message", (reply: Reply) => {
        this.#child.off("exit", gone);
        if ("error" in reply) reject(new Error(`${call}: ${reply.error}`));
        else resolve(reply.result as Awaited<ReturnType<Calls[Name]>>);
      });
      this.#child.send({ call, argument });
    });
  }

  /** Ends the process. */
  stop(): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}

/** Does one thing in a process of its own. */
export async function inProcess<Name extends keyof Calls>(
  call: Name,
  argument: Parameters<Calls[Name]>[0],
): Promise<Awaited<ReturnType<Calls[Name]>>> {
  const process = new BenchProcess();
  try {
    return await process.call(call, argument);
  } finally {
    process.stop();
  }
}
