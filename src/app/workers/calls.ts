import { UserError } from "../../errors.ts";

/*
 * Calls of functions that live in a worker: the page says which and with what, the worker answers with progress any
 * number of times and then once with a result or an error.
 */

/** The functions of a worker by name. Arguments and results are what structured cloning can copy. */
// biome-ignore lint/suspicious/noExplicitAny: each function has its own types; `any` keeps them for the caller.
type Functions = Record<string, (argument: any, progress: (value: any) => void) => unknown>;

interface Call {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

type Answer = { readonly id: number } & (
  | { readonly progress: unknown }
  | { readonly result: unknown }
  | { readonly error: string; readonly user: boolean }
);

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
  progress(value: unknown): void;
}

/** The script of a worker cannot be had: the server that the page came from may be gone. */
export class WorkerScriptError extends UserError {
  override name = "WorkerScriptError";

  constructor() {
    super(
      "A background worker of this page failed: its script cannot be loaded. Check the connection and try again.",
    );
  }
}

/** The page's end. */
export class WorkerCalls<F extends Functions> {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;
  /** What the worker failed of: it answers no more. */
  #failure: Error | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => this.#answered(data));
    worker.addEventListener("error", ({ message }) => {
      // What its script threw; nothing if that cannot be loaded.
      this.#failure = message
        ? new Error(`A background worker of this page failed: ${message}`)
        : new WorkerScriptError();
      this.#rejectAll(this.#failure);
    });
  }

  /** What the worker's function `name` makes of `argument`; calls are worked on in the order in which they are made. */
  call<Name extends keyof F & string>(
    name: Name,
    argument: Parameters<F[Name]>[0],
    progress: Parameters<F[Name]>[1] = () => {},
  ): Promise<Awaited<ReturnType<F[Name]>>> {
    const id = this.#calls++;
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      this.#waiting.set(id, { resolve: resolve as (result: unknown) => void, reject, progress });
      this.#worker.postMessage({ id, name, argument } satisfies Call);
    });
  }

  /** Ends the worker; whoever still waits is told so. */
  end(): void {
    this.#worker.terminate();
    this.#rejectAll(new Error("the worker was ended"));
  }

  #answered(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    if (!waiting) return;
    if ("progress" in answer) {
      waiting.progress(answer.progress);
      return;
    }
    this.#waiting.delete(answer.id);
    if ("result" in answer) waiting.resolve(answer.result);
    else waiting.reject(answer.user ? new UserError(answer.error) : new Error(answer.error));
  }

  #rejectAll(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

/**
 * The worker's end: serves `functions` to the page.
 * @param transfer which buffers of a function's result to hand over instead of copying them
 */
export function serveCalls(
  functions: Functions,
  transfer: (name: string, result: unknown) => Transferable[],
): void {
  const answer = (message: Answer, buffers: Transferable[] = []) =>
    postMessage(message, { transfer: buffers });
  addEventListener("message", async ({ data: { id, name, argument } }: MessageEvent<Call>) => {
    try {
      const result = await functions[name](argument, (progress) => answer({ id, progress }));
      answer({ id, result }, transfer(name, result));
    } catch (error) {
      answer({
        id,
        error: messageOf(error),
        user: error instanceof UserError || isOutOfMemory(error),
      });
    }
  });
}

function messageOf(error: unknown): string {
  if (isOutOfMemory(error)) return `There is not enough memory for this network: ${error.message}.`;
  return error instanceof Error ? error.message : String(error);
}

/** Whether an array did not fit into memory: each JavaScript engine has messages of its own for that. */
export function isOutOfMemory(error: unknown): error is RangeError {
  return error instanceof RangeError && /allocat|memory|length/i.test(error.message);
}

/** A worker of the page. */
export function startWorker<F extends Functions>(): WorkerCalls<F> {
  return new WorkerCalls(new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }));
}
