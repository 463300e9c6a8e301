import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../errors.ts";
import { cannotWrite } from "../../node/files.ts";
import { homeFolder } from "../../node/home-folder.ts";
import type { Output } from "../output.ts";
import type { RunFolder } from "./run-folder.ts";

/** How long, with nobody there to be asked, what cannot be written is tried again, and how often. */
const patienceMs = 60_000;
const againMs = 1000;

/** What people are asked on. */
interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/**
 * What a run writes when training has ended. Nothing of it is dropped because the folder cannot take it: who sits at the
 * terminal is asked for another folder; with nobody there it is tried again for a minute, and then written to a folder for
 * temporary files.
 */
export class LastWrites {
  /** Why the run is in another place than it was to be, which nobody there has chosen. */
  moved: UserError | undefined;
  readonly #folder: RunFolder;
  readonly #output: Output;
  readonly #signal: AbortSignal;
  readonly #terminal: Terminal;
  /** What was written, which another folder has to have too. */
  readonly #done: (() => void | Promise<void>)[] = [];

  /**
   * @param signal ends all waiting
   * @param terminal where somebody can be asked, if both of it are one
   */
  constructor(
    folder: RunFolder,
    output: Output,
    signal: AbortSignal,
    terminal: Terminal = { input: process.stdin, output: process.stderr },
  ) {
    this.#folder = folder;
    this.#output = output;
    this.#signal = signal;
    this.#terminal = terminal;
  }

  /**
   * Does `write`, which writes into the run folder, for certain.
   * @throws UserError if there is no place at all that takes it
   */
  async do(write: () => void | Promise<void>): Promise<void> {
    this.#done.push(write);
    const failure = await failureOf(write);
    if (failure) await this.#afterFailure(failure);
  }

  async #afterFailure(failure: UserError): Promise<void> {
    const { input, output } = this.#terminal;
    const done = input.isTTY && output.isTTY ? await this.#ask(failure) : await this.#wait(failure);
    if (done) return;
    for (const place of [tmpdir(), homeFolder()].filter(Boolean)) {
      if (await failureOf(async () => this.#writeAll(await makeTemporary(place)))) continue;
      this.moved = new UserError(`${failure.message} The whole run is in ${this.#folder.path} instead.`);
      return;
    }
    throw failure;
  }

  /** Asks where to write, until that works; false if there is no answer any more. */
  async #ask(failure: UserError): Promise<boolean> {
    // Without a terminal mode of its own Ctrl-C stays a signal.
    const questions = createInterface({ ...this.#terminal, terminal: false });
    const closed = once(questions, "close", { signal: this.#signal }).then(() => undefined);
    try {
      for (let reason: UserError | undefined = failure; reason; ) {
        this.#output.notice(`${reason.message} Nothing that was trained is lost yet.`);
        const answer = await Promise.race([
          // Nothing can be asked any more if the terminal was closed while the last answer was tried.
          questions
            .question("Folder to write the run to instead (nothing: try again): ")
            .catch(() => undefined),
          closed.catch(() => undefined),
        ]);
        if (answer === undefined) return false;
        reason = await failureOf(() => this.#writeAll(fromHome(answer.trim())));
      }
      return true;
    } finally {
      questions.close();
    }
  }

  /** Tries again for a while; false if it never worked. */
  async #wait(failure: UserError): Promise<boolean> {
    const until = performance.now() + patienceMs;
    if (!this.#signal.aborted) {
      const seconds = patienceMs / 1000;
      this.#output.notice(
        `${failure.message} It is tried again for ${seconds} s or until Ctrl-C; then the run goes to ${tmpdir()}.`,
      );
    }
    while (!this.#signal.aborted && performance.now() < until) {
      await sleep(againMs, undefined, { signal: this.#signal }).catch(() => {});
      if (!(await failureOf(() => this.#writeAll("")))) return true;
    }
    return false;
  }

  /** Writes all that was to be written, into another folder if one is named. */
  async #writeAll(named: string): Promise<void> {
    const path = resolve(named) === resolve(this.#folder.path) ? "" : named;
    if (path) await this.#folder.moveTo(path);
    else await this.#folder.restore();
    for (const write of this.#done) await write();
    if (path) this.#output.say(`Run folder: ${path}`);
  }
}

/** What the user can mend of what `work` fails of. */
async function failureOf(work: () => void | Promise<void>): Promise<UserError | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

/**
 * A path whose `~` at the beginning stands for the user's own folder: no shell has read it.
 * @throws UserError if there is none
 */
function fromHome(path: string): string {
  if (!/^~(?=\/|$)/.test(path)) return path;
  const home = homeFolder();
  if (home) return home + path.slice(1);
  throw new UserError(
    `${path}: the system knows no home folder that ~ could stand for. Name a folder without it.`,
  );
}

async function makeTemporary(place: string): Promise<string> {
  const path = join(place, "mnist-webgpu-run-");
  return mkdtemp(path).catch((error: unknown) => {
    throw cannotWrite(path, error);
  });
}
