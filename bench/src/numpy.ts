import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Contender, ContenderOptions } from "./contender.ts";
import program from "./numpy_mlp.py?raw";
import { initialParameters } from "./workload.ts";

/** numpy in float32 with whatever BLAS it has: a Python process that is told what to do line by line. */
export async function create({ workload, dataset }: ContenderOptions): Promise<Contender> {
  const folder = await mkdtemp(join(tmpdir(), "mnist-webgpu-bench-"));
  const { train, test } = dataset;
  const parameters = initialParameters(workload).flatMap(({ weight, bias }) => [...weight, ...bias]);
  const files = {
    "train-images": train.images,
    "train-labels": train.labels,
    "test-images": test.images,
    "test-labels": test.labels,
    parameters: Float32Array.from(parameters),
  };
  for (const [name, contents] of Object.entries(files)) await writeFile(join(folder, name), contents);
  const { sizes, batchSize, learningRate } = workload;
  const settings = JSON.stringify({ sizes, batchSize, learningRate });
  const python = spawn("python3", ["-c", program, folder, settings], { stdio: ["pipe", "pipe", "inherit"] });
  const answers = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  const ask = async (request: object): Promise<Answer> => {
    python.stdin.write(`${JSON.stringify(request)}\n`);
    return nextAnswer(answers);
  };
  const { version } = await nextAnswer(answers);
  return {
    device: `numpy ${version}, float32`,
    async setOrder(order) {
      await writeFile(join(folder, "order"), order);
      await ask({ call: "order" });
    },
    async train(batches) {
      const { loss, ms } = await ask({ call: "train", batches });
      return { loss: loss!, hostMs: ms! };
    },
    async countCorrect(split) {
      if (split !== test) throw new Error("numpy was given the test split alone");
      return (await ask({ call: "infer" })).correct!;
    },
    residentBytes: async () => (await ask({ call: "memory" })).bytes ?? undefined,
    async destroy() {
      await stop(python);
      await rm(folder, { recursive: true });
    },
  };
}

interface Answer {
  readonly version?: string;
  readonly loss?: number;
  readonly ms?: number;
  readonly correct?: number;
  /** null where the system does not tell. */
  readonly bytes?: number | null;
}

async function nextAnswer(answers: AsyncIterator<string>): Promise<Answer> {
  const { done, value } = await answers.next();
  if (done) throw new Error("python3 with numpy is not there, or stopped");
  return JSON.parse(value);
}

async function stop(python: ChildProcess): Promise<void> {
  python.stdin?.end();
  if (python.exitCode === null) await once(python, "exit");
}
