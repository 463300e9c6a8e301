import { extent } from "../data/batches.ts";
import type { Readback } from "../gpu/readback.ts";
import { stepMetricsBytes } from "../kernels/loss.ts";
import type { StepMetrics, TrainingStep } from "./engine.ts";

/** Steps that one submission may have; more are split. Bounds the step buffer, not the pace: the trainer sets that. */
export const submissionSteps = 4096;

/** Splits steps so that each part can be staged and submitted at once: ascending windows within a stretch of `span`. */
export function submissions(steps: readonly TrainingStep[], span: number): TrainingStep[][] {
  const parts: TrainingStep[][] = [];
  for (const step of steps) {
    const part = parts.at(-1);
    const joins =
      part &&
      part.length < submissionSteps &&
      step.first >= extent(part).end &&
      extent([part[0], step]).count <= span;
    if (joins) part.push(step);
    else parts.push([step]);
  }
  return parts;
}

/** What the steps of submissions measured, read back from each `[steps]` of its `step_metrics`. */
export async function readMetrics(
  parts: readonly (readonly TrainingStep[])[],
  readbacks: readonly Readback[],
): Promise<StepMetrics> {
  const steps = parts.flat();
  const metrics = { loss: new Float64Array(steps.length), correct: new Uint32Array(steps.length) };
  let index = 0;
  for (const readback of readbacks) {
    const data = new DataView(await readback.read());
    for (let at = 0; at < data.byteLength; at += stepMetricsBytes) {
      metrics.loss[index] = data.getFloat32(at, true) / steps[index].size;
      metrics.correct[index] = data.getUint32(at + 4, true);
      index++;
    }
  }
  return metrics;
}
