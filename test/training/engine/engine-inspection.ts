import { expect, test } from "vitest";
import { defaultConfig, type StepSettings } from "../../../src/model/settings.ts";
import { gather } from "../../../src/reference/gather.ts";
import { inspect } from "../../../src/reference/inspect.ts";
import type { Engine } from "../../../src/training/engine/engine.ts";
import { stepSplit } from "../../helpers/golden.ts";
import { expectClose } from "../../helpers/tolerance.ts";
import { type CreateEngine, type EngineTolerances, odd, withEngine } from "./engine-fixture.ts";

/** Looking into a network: what it finds, and that training never notices. */
export function describeInspection(create: CreateEngine, tolerances: EngineTolerances): void {
  const first = stepSplit(odd, odd.steps[0]);

  test("of a golden network has the activations and gradients of its first step", async () => {
    await withEngine(create, odd, async (engine) => {
      const { layers, backward } = await engine.inspect(first.images, first.labels);
      const { hidden, probabilities, gradients } = odd.steps[0].inside!;
      [...hidden, probabilities].forEach((expected, layer) => {
        expectClose(layers[layer].A, expected, { ...tolerances.probabilities, what: `A of layer ${layer}` });
      });
      gradients.forEach(({ weight, bias, inputs, outputs }, layer) => {
        const { dW, db } = backward!.layers[layer];
        const shape = [outputs, inputs];
        expectClose(dW, weight, { ...tolerances.parameters, what: `dW of layer ${layer}`, shape });
        expectClose(db, bias, { ...tolerances.parameters, what: `db of layer ${layer}` });
      });
      const mean = Array.from(backward!.losses).reduce((sum, loss) => sum + loss, 0) / first.count;
      expectClose([mean], [odd.steps[0].meanLoss], { ...tolerances.imageLoss, what: "mean loss" });
    });
  });

  test("agrees with the reference in every number, at every activation and after some steps", async () => {
    for (const activation of ["tanh", "relu", "silu"] as const) {
      const settings: StepSettings = {
        ...defaultConfig,
        ...{ activation, optimizer: "momentum", labelSmoothing: 0.1, hiddenDropout: 0.3, averageDecay: 0.9 },
      };
      const engine = await create({ sizes: odd.sizes, batchSize: odd.batchSize, train: odd.train, settings });
      try {
        engine.setParameters(odd.initial);
        engine.setOrder(odd.order);
        engine.train(odd.windows.slice(0, 3));
        // More images than a mini-batch has: how many there are is nobody's business but the caller's.
        const { images, labels } = odd.train;
        const { parameters } = await engine.readState();
        const all = Uint32Array.from(labels, (_, index) => index);
        const input = gather(images, all, { first: 0, size: labels.length }, odd.sizes[0]);
        const expected = inspect(parameters, input, labels, settings);
        const actual = await engine.inspect(images, labels);
        expect(actual.parameters).toEqual(parameters);
        const evaluated = await engine.inspect(images, undefined, "evaluation");
        expect(evaluated.parameters).toEqual(await engine.readParameters());
        expect(evaluated.parameters).not.toEqual(parameters);
        expectClose(actual.backward!.losses, expected.backward!.losses, tolerances.imageLoss);
        expected.layers.forEach((layer, index) => {
          const own = { ...actual.layers[index], ...actual.backward!.layers[index] };
          for (const [name, values] of Object.entries({ ...layer, ...expected.backward!.layers[index] })) {
            const what = `${name} of layer ${index}, ${activation}`;
            expectClose(own[name as keyof typeof own], values, { ...tolerances.parameters, what });
          }
        });
      } finally {
        engine.destroy();
      }
    }
  });

  test("without labels goes forward alone, and a small one after a large one is its own", async () => {
    await withEngine(create, odd, async (engine) => {
      const whole = engine.inspect(odd.train.images, odd.train.labels);
      const one = await engine.inspect(first.images.subarray(0, odd.sizes[0]));
      expect(one.backward).toBeUndefined();
      expect(one.layers.map(({ Z, A }) => [Z.length, A.length])).toEqual(
        odd.sizes.slice(1).map((width) => [width, width]),
      );
      const probabilities = await engine.predict(first.images.subarray(0, odd.sizes[0]));
      expectClose(one.layers[one.layers.length - 1].A, probabilities, tolerances.probabilities);
      expect((await whole).backward?.losses.length).toBe(odd.train.count);
    });
  });

  test("leaves training as it was, to the last bit", async () => {
    const run = (look: (engine: Engine) => Promise<unknown>) =>
      withEngine(create, odd, async (engine) => {
        engine.train(odd.windows.slice(0, 3));
        const looked = look(engine);
        engine.train(odd.windows.slice(3));
        await looked;
        return engine.readState();
      });
    const plain = await run(async () => {});
    expect(await run((engine) => engine.inspect(first.images, first.labels))).toEqual(plain);
  });

  test("sees the network as it is when it is asked", async () => {
    await withEngine(create, odd, async (engine) => {
      const before = await engine.inspect(first.images, first.labels);
      const images = first.images.slice();
      const asked = engine.inspect(images, first.labels);
      images.fill(255);
      engine.train(odd.windows);
      expect(await asked).toEqual(before);
    });
  });

  test("refuses no images, incomplete ones, and labels that are not theirs", async () => {
    await withEngine(create, odd, async (engine) => {
      const { images, labels } = first;
      const wrong = labels.slice();
      wrong[2] = odd.sizes[odd.sizes.length - 1];
      for (const [message, look] of [
        ["no images", () => engine.inspect(new Uint8Array())],
        ["whole number", () => engine.inspect(images.subarray(1))],
        [`${labels.length - 1} labels`, () => engine.inspect(images, labels.subarray(1))],
        ["image 2 has label", () => engine.inspect(images, wrong)],
      ] as const) {
        await expect(async () => look()).rejects.toThrow(RangeError);
        await expect(async () => look()).rejects.toThrow(message);
      }
    });
  });
}
