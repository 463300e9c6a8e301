import { expect, test } from "vitest";
import { imagesBetween } from "../../../src/data/dataset.ts";
import { UserError } from "../../../src/errors.ts";
import { initialise } from "../../../src/model/initialise.ts";
import { defaultConfig } from "../../../src/model/settings.ts";
import { keptSplits } from "../../../src/training/engine/engine.ts";
import { type CreateEngine, odd, withEngine } from "./engine-fixture.ts";

/** In which order calls take effect, and whose the arrays are. */
export function describeOwnership(create: CreateEngine): void {
  test("calls take effect in their order, awaited or not", async () => {
    await withEngine(create, odd, async (engine) => {
      const initial = await engine.readParameters();
      engine.train(odd.windows);
      const trained = engine.readParameters();
      engine.setParameters(odd.initial);
      const reset = engine.readParameters();
      expect(await reset).toEqual(initial);
      expect(await trained).not.toEqual(initial);
    });
  });

  test("what was passed in may be changed at once", async () => {
    await withEngine(create, odd, async (engine) => {
      engine.train(odd.windows);
      const expected = await engine.readParameters();
      const parameters = odd.initial.map((layer) => ({
        ...layer,
        weight: layer.weight.slice(),
        bias: layer.bias.slice(),
      }));
      const order = odd.order.slice();
      engine.setParameters(parameters);
      engine.setOrder(order);
      for (const { weight, bias } of parameters) {
        weight.fill(Number.NaN);
        bias.fill(Number.NaN);
      }
      order.fill(0);
      engine.train(odd.windows);
      expect(await engine.readParameters()).toEqual(expected);
    });
  });

  test("many splits are evaluated one after another, and once more, as each by itself", async () => {
    await withEngine(create, odd, async (engine) => {
      const { train } = odd;
      const one = (image: number) => imagesBetween(train, image, image + 1);
      const splits = Array.from({ length: 2 * keptSplits }, (_, image) => one(image % train.count));
      const both = await Promise.all([...splits, ...splits].map((split) => engine.evaluate(split)));
      const { losses } = await engine.evaluate(train);
      expect(both.map(({ losses }) => losses[0])).toEqual(
        both.map((_, at) => losses[(at % splits.length) % train.count]),
      );
    });
  });

  test("what steps measured may be asked for more than once, at once and later", async () => {
    await withEngine(create, odd, async (engine) => {
      const submission = engine.train(odd.windows);
      const [one, other] = await Promise.all([submission.metrics(), submission.metrics()]);
      expect(other).toEqual(one);
      expect(await submission.metrics()).toEqual(one);
      expect((await engine.evaluate(odd.train)).classes).toHaveLength(odd.train.count);
    });
  });

  test("what was handed out may be changed", async () => {
    await withEngine(create, odd, async (engine) => {
      const expected = await engine.readParameters();
      for (const { weight, bias } of await engine.readParameters()) {
        weight.fill(Number.NaN);
        bias.fill(Number.NaN);
      }
      expect(await engine.readParameters()).toEqual(expected);
    });
  });
}

/** What an engine refuses, and that it is none the worse for it. */
export function describeMisuse(create: CreateEngine): void {
  const { sizes, train, windows, order } = odd;
  const classes = sizes[sizes.length - 1];

  test("refuses training images that do not fit the network", async () => {
    const wider = [sizes[0] + 1, ...sizes.slice(1)];
    const refused = async () => create({ sizes: wider, batchSize: 4, train, settings: defaultConfig });
    await expect(refused).rejects.toThrow(UserError);
    await expect(refused).rejects.toThrow(/25 pixels.*takes 26/);
  });

  test("refuses parameters of another network", async () => {
    await withEngine(create, odd, async (engine) => {
      const before = await engine.readParameters();
      const whole = initialise(sizes, "zeros", 0);
      const others = [
        [],
        whole.slice(1),
        initialise([...sizes, 2], "zeros", 0),
        initialise(
          sizes.map((width) => width + 1),
          "zeros",
          0,
        ),
        whole.map((layer) => ({ ...layer, weight: layer.weight.slice(1) })),
        whole.map((layer) => ({ ...layer, bias: new Float32Array(layer.outputs + 1) })),
      ];
      for (const other of others) {
        expect(() => engine.setParameters(other)).toThrow(UserError);
        expect(() => engine.setParameters(other)).toThrow(/25-13-7-5/);
      }
      expect(await engine.readParameters()).toEqual(before);
    });
  });

  test("refuses an order that names images there are not, or is too long", async () => {
    await withEngine(create, odd, async (engine) => {
      const last = train.count - 1;
      engine.setOrder(Uint32Array.of(0, last));
      expect(() => engine.setOrder(Uint32Array.of(0, last, last + 1))).toThrow(RangeError);
      expect(() => engine.setOrder(Uint32Array.of(0, last, last + 1))).toThrow(`order[2] is ${last + 1}`);
      expect(() => engine.setOrder(new Uint32Array(train.count + 1))).toThrow(RangeError);
    });
  });

  test("refuses steps outside the order or the batch size, and then takes none of them", async () => {
    await withEngine(create, odd, async (engine) => {
      const before = await engine.readParameters();
      const refused = [
        { first: 0, size: odd.batchSize + 1 },
        { first: 0, size: 0 },
        { first: 0, size: Number.NaN },
        { first: -1, size: 2 },
        { first: 0.5, size: 2 },
        { first: 0, size: 1.5 },
        { first: order.length - 1, size: 2 },
        { first: order.length, size: 1 },
      ];
      for (const window of refused) {
        expect(() => engine.train([windows[0], { ...window, number: 1, learningRate: 1 }])).toThrow(
          RangeError,
        );
      }
      expect(await engine.readParameters()).toEqual(before);
    });
  });

  test("refuses images of another size and labels that it has no class for", async () => {
    await withEngine(create, odd, async (engine) => {
      const narrow = { ...train, columns: train.columns - 1 };
      await expect(engine.evaluate(narrow)).rejects.toThrow(UserError);
      const labels = train.labels.slice();
      labels[3] = classes;
      await expect(engine.evaluate({ ...train, labels })).rejects.toThrow(UserError);
      await expect(engine.evaluate({ ...train, labels })).rejects.toThrow(`Image 3 has label ${classes}`);
      await expect(engine.predict(new Uint8Array(sizes[0] + 1))).rejects.toThrow(RangeError);
      await expect(engine.inspect(new Uint8Array())).rejects.toThrow(RangeError);
    });
  });

  const none = { count: 0, images: new Uint8Array(), labels: new Uint8Array() };
  test.each([
    [none, "There are no images"],
    [{ images: train.images.subarray(1) }, `bytes of images, expected ${train.images.length}`],
    [{ labels: train.labels.subarray(1) }, `${train.count - 1} labels, expected ${train.count}`],
  ])(
    "refuses images that are not as many as it is told, to train on and to read, %#",
    async (part, message) => {
      const short = { ...train, ...part };
      const options = { sizes, batchSize: 4, settings: defaultConfig };
      await expect(async () => create({ ...options, train: short })).rejects.toThrow(UserError);
      await expect(async () => create({ ...options, train: short })).rejects.toThrow(message);
      await withEngine(create, odd, async (engine) => {
        await expect(engine.evaluate(short)).rejects.toThrow(message);
      });
    },
  );

  test("refuses everything after destroy(), which may be called twice", async () => {
    await withEngine(create, odd, async (engine) => {
      engine.train(windows);
      engine.destroy();
      engine.destroy();
      for (const call of [
        () => engine.setParameters(odd.initial),
        () => engine.setOrder(order),
        () => engine.train(windows),
      ])
        expect(call).toThrow("destroy");
      for (const answer of [
        engine.readParameters(),
        engine.readState(),
        engine.evaluate(train),
        engine.predict(train.images),
        engine.inspect(train.images),
      ])
        await expect(answer).rejects.toThrow("destroy");
    });
  });
}
