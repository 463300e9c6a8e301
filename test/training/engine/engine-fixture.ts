import { expect } from "vitest";
import type { Split } from "../../../src/data/dataset.ts";
import type { Parameters } from "../../../src/model/parameters.ts";
import { defaultConfig, type StepSettings } from "../../../src/model/settings.ts";
import type { Engine } from "../../../src/training/engine/engine.ts";
import { type Golden, goldens } from "../../helpers/golden.ts";
import { type Closeness, expectClose } from "../../helpers/tolerance.ts";

/** How close an engine comes to the golden networks. */
export interface EngineTolerances {
  readonly parameters: Closeness;
  /** Mean losses. */
  readonly loss: Closeness;
  /** Losses of single images: they are handed out in float32. */
  readonly imageLoss: Closeness;
  readonly probabilities: Closeness;
}

/** Makes the engine under test. */
export type CreateEngine = (options: {
  sizes: readonly number[];
  batchSize: number;
  train: Split;
  settings: StepSettings;
}) => Engine | Promise<Engine>;

/** Three layers, none of whose widths is a multiple of 4, and mini-batches of 6, 6, 5, 6, 6, 5 ... samples. */
export const odd = goldens.find((golden) => golden.name === "odd-sizes")!;

/** Runs `use` on a new engine for `golden`, with its initial parameters and its order set, and destroys it. */
export async function withEngine<T>(
  create: CreateEngine,
  golden: Golden,
  use: (engine: Engine) => Promise<T>,
  batchSize = golden.batchSize,
): Promise<T> {
  const engine = await create({
    sizes: golden.sizes,
    batchSize,
    train: golden.train,
    settings: defaultConfig,
  });
  try {
    engine.setParameters(golden.initial);
    engine.setOrder(golden.order);
    return await use(engine);
  } finally {
    engine.destroy();
  }
}

/** Asserts that `actual` is a network of the same sizes as `expected` and close to it. */
export function expectParameters(
  actual: Parameters,
  expected: Parameters,
  closeness: Closeness,
  what: string,
): void {
  expect(actual.length, `${what}: layers`).toBe(expected.length);
  expected.forEach(({ inputs, outputs, weight, bias }, layer) => {
    expect(actual[layer]).toMatchObject({ inputs, outputs });
    const shape = [outputs, inputs];
    expectClose(actual[layer].weight, weight, { ...closeness, what: `${what}, weight ${layer}`, shape });
    expectClose(actual[layer].bias, bias, { ...closeness, what: `${what}, bias ${layer}` });
  });
}
