import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Contender, ContenderOptions } from "./contender.ts";
import numpyProgram from "./python/numpy_mlp.py?raw";
import protocol from "./python/protocol.py?raw";
import torchProgram from "./python/torch_mlp.py?raw";
import { adam, initialParameters } from "./workload.ts";

const programs: Record<string, { readonly text: string; readonly variant?: string }> = {
  numpy: { text: numpyProgram },
  "torch-eager": { text: torchProgram, variant: "eager" },
  "torch-graphs": { text: torchProgram, variant: "graphs" },
};

/**
 * A contender in Python: a process that is told what to do line by line.
 * @param device a name of `programs`
 */
export async function create({ workload, dataset }: ContenderOptions, device: string): Promise<Contender> {
  const { text, variant } = programs[device];
  const folder = await mkdtemp(join(tmpdir(), "mnist-webgpu-bench-"));
  const { train, test } = dataset;
  const parameters = initialParameters(workload).flatMap(({ weight, bias }) => [...weight, ...bias]);
  const files = {
    "contender.py": text,
    "protocol.py": protocol,
    "train-images": train.images,
    "train-labels": train.labels,
    "test-images": test.images,
    "test-labels": test.labels,
    parameters: Float32Array.from(parameters),
  };
  const writingFrom = performance.now();
  for (const [name, contents] of Object.entries(files)) await writeFile(join(folder, name), contents);
  const writingMs = performance.now() - writingFrom;
  const settings = JSON.stringify({ ...workload, ...adam, variant });
  const stdio = ["pipe", "pipe", "inherit"] as const;
  const python = spawn("python3", [join(folder, "contender.py"), folder, settings], { stdio: [...stdio] });
  const answers = createInterface({ input: python.stdout! })[Symbol.asyncIterator]();
  const ask = async (request: object): Promise<Answer> => {
    python.stdin!.write(`${JSON.stringify(request)}\n`);
    return nextAnswer(answers);
  };
  const { device: computer, dataMs: readingMs } = await nextAnswer(answers);
  return {
    device: computer!,
    dataMs: writingMs + readingMs!,
    async setOrder(order) {
      await writeFile(join(folder, "order"), order);
      await ask({ call: "order" });
    },
    async train(batches) {
      const { loss, ms } = await ask({ call: "train", batches });
      return { loss: loss!, hostMs: ms! };
    },
    async countCorrect(split) {
      if (split !== test) throw new Error("Python was given the test split alone");
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
  readonly device?: string;
  readonly dataMs?: number;
  readonly loss?: number;
  readonly ms?: number;
  readonly correct?: number;
  /** null where the system does not tell. */
  readonly bytes?: number | null;
}

async function nextAnswer(answers: AsyncIterator<string>): Promise<Answer> {
  const { done, value } = await answers.next();
  if (done) throw new Error("Python stopped; what it said stands above");
  return JSON.parse(value);
}

async function stop(python: ChildProcess): Promise<void> {
  python.stdin?.end();
  if (python.exitCode === null) await once(python, "exit");
}
