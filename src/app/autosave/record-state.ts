import * as v from "valibot";
import { count } from "../../model/file-values.ts";

const figures = { step: count, loss: v.number(), accuracy: v.number() };
const evaluation = v.object(figures);
const points = v.instance(Float64Array);

/** Everything that a record of a run measured, as the browser's store holds it. */
export const recordState = v.pipe(
  v.object({
    network: v.string(),
    stepsPerEpoch: v.pipe(count, v.minValue(1)),
    loadedFrom: v.optional(v.string()),
    /** Sums over the steps of each point of the curves. */
    series: v.object({
      width: v.pipe(count, v.minValue(1)),
      last: count,
      loss: points,
      correct: points,
      samples: points,
      learningRate: points,
      steps: points,
    }),
    epochs: v.array(v.object({ ...figures, epoch: count })),
    evaluations: v.array(evaluation),
    final: v.optional(evaluation),
    /** Sums over the steps of the epoch under way. */
    sums: v.object({ loss: v.number(), correct: count, samples: count }),
    firstRate: v.optional(v.number()),
    rateChanges: v.boolean(),
    steered: v.boolean(),
  }),
  v.check(({ series }) => {
    const { loss, correct, samples, learningRate, steps } = series;
    const length = Math.ceil(series.last / series.width);
    return [loss, correct, samples, learningRate, steps].every((values) => values.length === length);
  }, "curves of other lengths than their steps"),
);

export type RecordState = v.InferOutput<typeof recordState>;
export type SeriesState = RecordState["series"];
