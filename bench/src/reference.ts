import { countCorrect } from "../../src/data/confusion.ts";
import type { Split } from "../../src/data/dataset.ts";
import { createCpuEngine } from "../../src/training/engine/cpu-engine.ts";
import type { Engine } from "../../src/training/engine/engine.ts";
import type { Contender, ContenderOptions } from "./contender.ts";
import { initialParameters, StepNumbers, stepSettings } from "./workload.ts";

/** Our float64 reference on the CPU. */
export async function create({ workload, dataset }: ContenderOptions): Promise<Contender> {
  const { sizes, batchSize } = workload;
  const settings = stepSettings(workload);
  const engine = createCpuEngine({ sizes, batchSize, train: dataset.train, settings });
  const numbers = new StepNumbers(workload);
  engine.setParameters(initialParameters(workload));
  return {
    device: engine.device,
    setOrder: (order) => engine.setOrder(order),
    async train(batches) {
      const startedAt = performance.now();
      const submission = engine.train(numbers.steps(batches));
      const hostMs = performance.now() - startedAt;
      const { loss } = await submission.metrics();
      return { loss: loss[loss.length - 1], hostMs };
    },
    countCorrect: (split) => correctOf(engine, split),
    destroy: () => engine.destroy(),
  };
}

/** How many images of `split` an engine classifies rightly. By `predict`: what `evaluate` was given once may stay where it computes. */
export async function correctOf(engine: Engine, { images, labels }: Split): Promise<number> {
  const probabilities = await engine.predict(images);
  const classes = probabilities.length / labels.length;
  const mostProbable = labels.map((_, image) => {
    const first = image * classes;
    let best = 0;
    for (let c = 1; c < classes; c++) if (probabilities[first + c] > probabilities[first + best]) best = c;
    return best;
  });
  return countCorrect(mostProbable, labels);
}
