import { afterEach, describe, expect, test, vi } from "vitest";
import { configFromQuery, pageDefaults, queryOf, showAddress } from "../../src/app/url.ts";
import { presets } from "../../src/model/presets.ts";

describe("the link", () => {
  test("holds every setting", () => {
    const config = {
      ...pageDefaults,
      hidden: [128, 64],
      learningRate: 0.025,
      seed: 4_294_967_295,
      shuffle: false,
    };
    const query = queryOf(config);
    expect(query).toContain("hidden=128,64");
    expect(configFromQuery(query)).toEqual({ config, problems: [] });
    for (const name of Object.keys(config)) expect(query).toMatch(new RegExp(`[?&]${name}=`));
  });

  test("without settings is the default run", () => {
    expect(configFromQuery("")).toEqual({ config: pageDefaults, problems: [] });
  });

  test("may name a preset, which other parameters change wherever they stand", () => {
    const { config, problems } = configFromQuery("?epochs=3&preset=accurate&seed=5&batchSize=many");
    expect(config).toEqual({ ...pageDefaults, ...presets.accurate.config, epochs: 3, seed: 5 });
    expect(problems).toEqual([
      "batchSize: got many, expected a whole number from 1 to 65536. It is 128 instead.",
    ]);
  });

  test("takes the defaults of the optimizer that it names, wherever that stands", () => {
    expect(configFromQuery("?epsilon=0.5&optimizer=rmsprop").config).toMatchObject({
      beta2: 0.99,
      epsilon: 0.5,
    });
    expect(configFromQuery("?optimizer=lion&preset=quick&beta2=0.9").config).toMatchObject({ beta2: 0.9 });
    expect(configFromQuery("?optimizer=lion&preset=quick").config).toMatchObject({ beta2: 0.99 });
  });

  test("leaves out a preset that there is not", () => {
    expect(configFromQuery("?preset=fast&seed=5")).toEqual({
      config: { ...pageDefaults, seed: 5 },
      problems: ["preset: got fast, expected one of article, quick, accurate, record. It was left out."],
    });
  });

  test("falls back setting by setting", () => {
    const { config, problems } = configFromQuery(
      "?seed=9&epochs=none&hidden=12&shuffle=maybe&lr=1&batchSize=",
    );
    expect(config).toEqual({ ...pageDefaults, seed: 9, hidden: [12] });
    expect(problems).toEqual([
      "epochs: got none, expected a whole number from 1 to 1000000. It is 100 instead.",
      "shuffle: got maybe, expected true or false. It is true instead.",
      "lr: there is no such setting. It was left out.",
      "batchSize: got nothing, expected a whole number from 1 to 65536. It is 64 instead.",
    ]);
  });
});

describe("the address", () => {
  afterEach(() => void vi.unstubAllGlobals());

  test("may be shown or not: Safari refuses many in a short time", () => {
    const shown: string[] = [];
    const replaceState = (_: null, __: string, address: string) => {
      if (shown.length > 0) throw new DOMException("more than 100 times per 10 seconds", "SecurityError");
      shown.push(address);
    };
    vi.stubGlobal("history", { replaceState });
    for (const address of ["?seed=1", "?seed=2"]) showAddress(address);
    expect(shown).toEqual(["?seed=1"]);
  });
});
