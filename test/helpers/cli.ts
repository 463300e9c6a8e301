import { type ChildProcess, spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { beforeAll, beforeEach } from "vitest";
import { encodeImages, encodeLabels } from "../../src/data/idx.ts";
import { randomStream } from "../../src/data/random.ts";
import { builtOnce } from "./products.ts";

/*
 * The command line as users have it: built, and run as a process of its own in an empty folder.
 */

const haltHook = new URL("halt.mjs", import.meta.url);

export interface CliResult {
  /** Null if a signal ended the process. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCli {
  readonly process: ChildProcess;
  readonly result: Promise<CliResult>;
  /** Resolves when stdout holds `text`, rejects if the process ends without it. */
  printed(text: string): Promise<void>;
  /** The same for stderr. */
  complained(text: string): Promise<void>;
}

/** A command that halts at a line of its output. */
export interface HaltingCli extends RunningCli {
  /** Resolves once it has halted. */
  readonly halted: Promise<void>;
  goOn(): void;
}

/** Has the command line built before the tests of a file, and gives each of them a folder of its own to run it in. */
export function setUpCli() {
  let built: string;
  let folder: string;
  const running = new Set<ChildProcess>();

  beforeAll(async () => {
    built = await builtOnce("cli");
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "cli-test-"));
    return async () => {
      // What a test that failed has left running.
      for (const child of running) child.kill("SIGKILL");
      await rm(folder, { recursive: true, force: true });
    };
  });

  const start = (...args: string[]) => startWith({}, ...args);
  const startWith = (more: NodeJS.ProcessEnv, ...args: string[]) =>
    startAt(join(built, "cli.js"), { ...environment(), ...more }, args);

  const startAt = (program: string, env: NodeJS.ProcessEnv, args: readonly string[]) =>
    startProcess(process.execPath, [program, ...args], env);

  function startProcess(file: string, args: readonly string[], env: NodeJS.ProcessEnv): RunningCli {
    const child = spawn(file, args, { cwd: folder, env });
    running.add(child);
    child.on("exit", () => running.delete(child));
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const result = new Promise<CliResult>((done, fail) => {
      child.on("error", fail);
      child.on("close", (code) => done({ code, stdout, stderr }));
    });
    const holds = (stream: Readable, said: () => string, text: string) =>
      new Promise<void>((done, fail) => {
        const look = () => {
          if (!said().includes(text)) return;
          stream.off("data", look);
          done();
        };
        stream.on("data", look);
        child.on("close", () => fail(new Error(`ended without printing ${text}: ${stdout}${stderr}`)));
        look();
      });
    const printed = (text: string) => holds(child.stdout, () => stdout, text);
    const complained = (text: string) => holds(child.stderr, () => stderr, text);
    return { process: child, result, printed, complained };
  }

  return {
    start,
    /** The same with further variables in its environment. */
    startWith,
    /** The same, but it halts once it has printed `text` to stdout: what a test then does is not a race against its end. */
    startHalting(text: string, more: NodeJS.ProcessEnv, ...args: string[]): HaltingCli {
      const env = { ...more, NODE_OPTIONS: `--import=${haltHook.href}`, HALT_AFTER: text };
      const run = startWith(env, ...args);
      return { ...run, halted: run.printed(text), goOn: () => void run.process.stdin!.write("\n") };
    },
    /** What a command came to. */
    run: (...args: string[]) => start(...args).result,
    /** How commands begin that are printed to be pasted. */
    pasted: () => `node ${realpathSync(join(built, "cli.js"))}`,
    /** What such a command comes to: a shell reads it. */
    paste(command: string) {
      const { PATH, ...env } = environment();
      const node = dirname(process.execPath);
      return startProcess("sh", ["-c", command], { ...env, PATH: `${node}${delimiter}${PATH}` }).result;
    },
    /** The same as `run` where no package that it could use is installed, and with a cache folder of its own. */
    async runAlone(...args: string[]) {
      const place = await mkdtemp(join(tmpdir(), "cli-alone-"));
      try {
        await copyFile(join(built, "cli.js"), join(place, "cli.mjs"));
        const env = { ...environment(), XDG_CACHE_HOME: join(place, "cache") };
        return await startAt(join(place, "cli.mjs"), env, args).result;
      } finally {
        await rm(place, { recursive: true });
      }
    },
    /** A path in the folder that the command runs in. */
    path: (...parts: string[]) => join(folder, ...parts),
    /** What lies in that folder, folders entered, sorted. */
    files: () => listFiles(folder),
    /** Writes a small data set into `data/` there and returns the flags that name it. */
    async data() {
      await writeDataset(join(folder, "data"));
      return ["--data", "data"];
    },
  };
}

/** No settings of the user's, and no network: nothing listens on port 9. */
function environment(): NodeJS.ProcessEnv {
  const { MNIST_DIR, ...rest } = process.env;
  const nowhere = "http://127.0.0.1:9/";
  return { ...rest, MNIST_MIRRORS: nowhere, KMNIST_MIRRORS: nowhere };
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** Writes IDX files of 96 and 30 noisy images of 6x6, each with a bright row that tells its class of three. */
async function writeDataset(folder: string): Promise<void> {
  const side = 6;
  await mkdir(folder);
  for (const [prefix, count, index] of [
    ["train", 96, 0],
    ["t10k", 30, 1],
  ] as const) {
    const random = randomStream(7, "digits", index);
    const labels = Uint8Array.from({ length: count }, (_, image) => image % 3);
    const pixels = Uint8Array.from({ length: count * side * side }, (_, position) => {
      const row = Math.floor(position / side) % side;
      const bright = row === labels[Math.floor(position / (side * side))];
      return (bright ? 180 : 0) + random.integer(76);
    });
    await writeFile(
      join(folder, `${prefix}-images-idx3-ubyte`),
      encodeImages({ count, rows: side, columns: side, pixels }),
    );
    await writeFile(join(folder, `${prefix}-labels-idx1-ubyte`), encodeLabels(labels));
  }
}

/** The objects of JSON lines. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
