import { type Batch, extent } from "../../data/batches.ts";
import { readMetrics } from "../../kernels/loss.ts";
import type { StepMetrics } from "../engine/engine.ts";

/** Steps of one network that one submission may have; more are split. Bounds the step buffer, not the pace: the trainer sets that. */
const submissionSteps = 4096;
const fewestSteps = 64;

/** Steps that one submission of so many networks may have. */
export function stepCapacity(networks: number): number {
  return Math.max(fewestSteps, Math.floor(submissionSteps / networks));
}

/** Splits steps so that each part, of up to `most`, can be staged and submitted at once: ascending windows within a stretch of `span`. */
export function submissions<Step extends Batch>(
  steps: readonly Step[],
  span: number,
  most: number,
): Step[][] {
  const parts: Step[][] = [];
  for (const step of steps) {
    const part = parts.at(-1);
    const joins =
      part && part.length < most && step.first >= extent(part).end && extent([part[0], step]).count <= span;
    if (joins) part.push(step);
    else parts.push([step]);
  }
  return parts;
}

/** What steps measured, from the `step_metrics` of each of their submissions. */
export function metricsOf(steps: readonly Batch[], submitted: readonly ArrayBuffer[]): StepMetrics {
  const metrics = { loss: new Float64Array(steps.length), correct: new Uint32Array(steps.length) };
  let index = 0;
  for (const measured of submitted) {
    const { floats, integers } = readMetrics(measured);
    metrics.correct.set(integers, index);
    for (const loss of floats) {
      metrics.loss[index] = loss / steps[index].size;
      index++;
    }
  }
  return metrics;
}
