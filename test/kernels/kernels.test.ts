import { describe, expect, type RunnerTestSuite, test } from "vitest";
import contributing from "../../CONTRIBUTING.md?raw";
import { openGpu } from "../../src/gpu/gpu.ts";
import * as library from "../../src/index.ts";
import { floats } from "../../src/kernels/lib/input.ts";
import { shaderFiles } from "../../src/kernels/lib/library.ts";
import { forward } from "../../src/kernels/portable.ts";
import { KernelBench } from "../../src/kernels/verify/bench.ts";
import type { KernelCase } from "../../src/kernels/verify/case.ts";
import { casesFor, kernelCases } from "../../src/kernels/verify/cases.ts";
import { type KernelResult, kernelNames, verifyKernels } from "../../src/kernels/verify.ts";
import { testAdapter } from "../helpers/gpu.ts";
import { expectClose } from "../helpers/tolerance.ts";

const gpu = await openGpu(await testAdapter());

const titleOf = ({ kernel, case: what }: KernelCase) => `kernel ${kernel}, ${what}`;

// Not by $kernel and $case, which vitest puts in quotes: `-t` would look for them in vain.
const titled = kernelCases.map((kernelCase) => [titleOf(kernelCase), kernelCase] as const);

describe.each(titled)("%s", (_, kernelCase) => {
  test("agrees with the reference", async () => {
    const bench = new KernelBench(gpu);
    try {
      for (const { actual, expected, tolerance, reason, what } of await kernelCase.run(bench)) {
        expectClose(actual, expected, { ...tolerance, reason, what });
      }
    } finally {
      bench.destroy();
    }
  });
});

test("what CONTRIBUTING.md tells for one kernel selects its tests, all of them", ({ task }) => {
  const command = /npx vitest run test\/kernels\/kernels\.test\.ts -t "([^"]+)"/;
  const [, pattern] = command.exec(contributing)!;
  const selected = titlesOf(task.file).filter((title) => new RegExp(pattern).test(title));
  const forwards = kernelCases.filter(({ kernel }) => kernel === "forward");
  expect(selected).toEqual(forwards.map((kernelCase) => `${titleOf(kernelCase)} agrees with the reference`));
});

/** The titles of tests by which `-t` selects them: those of the groups that they are in come first. */
function titlesOf({ tasks }: Pick<RunnerTestSuite, "tasks">): string[] {
  return tasks.flatMap((task) =>
    task.type === "suite" ? titlesOf(task).map((title) => `${task.name} ${title}`) : [task.name],
  );
}

describe("verification", () => {
  test("refuses names that no kernel has, and lists those that there are", async () => {
    const verified = verifyKernels(gpu, () => {}, ["forward", "forwrad"]);
    await expect(verified).rejects.toThrow(RangeError);
    await expect(verified).rejects.toThrow(/no kernel forwrad: .*\bforward\b/);
    expect(library.kernelNames).toBe(kernelNames);
  });

  test("finds that every kernel agrees with the reference", async () => {
    const results: KernelResult[] = [];
    expect(await verifyKernels(gpu, (result) => results.push(result))).toBe(true);
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
    const checked = results.map(({ kernel, case: what }) => `${kernel}, ${what.replace(/: .*/, "")}`);
    expect(new Set(checked)).toEqual(
      new Set(casesFor(gpu).map(({ kernel, case: what }) => `${kernel}, ${what}`)),
    );
  });

  test("finds one that does not", async () => {
    const files = shaderFiles as Record<string, string>;
    const right = files["batch_metrics.wgsl"];
    files["batch_metrics.wgsl"] = right.replace(/\+= /, "-= ");
    try {
      const results: KernelResult[] = [];
      expect(await verifyKernels(gpu, (result) => results.push(result), ["batch_metrics"])).toBe(false);
      expect(results.some(({ passed }) => !passed)).toBe(true);
    } finally {
      files["batch_metrics.wgsl"] = right;
    }
  });
});

/** Shader files with an entry point: the kernels. The others are included by them. */
const kernels = Object.entries(shaderFiles)
  .filter(([, text]) => /@compute/.test(text))
  .map(([file]) => file.replace(".wgsl", ""));

/** The host side: every module of src/kernels but for the checks. */
const hostModules = Object.entries(
  import.meta.glob<string>(["../../src/kernels/**/*.ts", "!**/verify/**"], {
    query: "?raw",
    import: "default",
    eager: true,
  }),
);
const shaderPaths = Object.keys(import.meta.glob("../../shaders/**/*.wgsl"));

/** The folder of `path` below `root`, as src/kernels writes it. */
const folderBelow = (root: string, path = "") =>
  path.slice(root.length, path.lastIndexOf("/") + 1).replaceAll("_", "-");

const references = Object.keys(import.meta.glob("../../src/reference/*.ts"));

describe.each(kernels)("kernel %s has one name everywhere:", (kernel) => {
  const file = `${kernel.replaceAll("_", "-")}.ts`;
  test("entry point", () =>
    expect(shaderFiles[`${kernel}.wgsl`]).toMatch(new RegExp(`@compute[^{]*fn ${kernel}\\(`)));
  test("host side, in one module, whose folder has the shader's name", () => {
    const shader = shaderPaths.find((path) => path.endsWith(`/${kernel}.wgsl`));
    const modules = hostModules.filter(([, text]) => text.includes(`name: "${kernel}"`));
    const folders = modules.map(([path]) => folderBelow("../../src/kernels/", path));
    expect(folders).toEqual([folderBelow("../../shaders/", shader)]);
  });
  test("reference", () => {
    // A form of a kernel (portable, unrolled, tiled) shares its reference; pieces and fusions are checked against
    // those of the kernels that they are made of.
    const whole = {
      forward_partials: "forward",
      backward_partials: "backward",
      fused_classifier: "softmax-cross-entropy",
      fused_classifier_tiled: "softmax-cross-entropy",
    }[kernel];
    const name = whole ?? file.replace(/-(unrolled|tiled)\.ts$|\.ts$/, "");
    expect(references).toContain(`../../src/reference/${name}.ts`);
  });
  test("checks", () => expect(kernelCases.map((check) => check.kernel)).toContain(kernel));
  test("contract at its top", () =>
    expect(shaderFiles[`${kernel}.wgsl`]).toMatch(new RegExp(`^// ${kernel}: `)));
});

test("an activation that the shader lacks does not compile, instead of computing something else", async () => {
  const bench = new KernelBench(gpu);
  const layout = { inputs: 4, outputs: 4, inputVectors: 1, outputVectors: 1, offset: 0 };
  const room = bench.output("nothing", 4);
  const place = { layout, batch: 1, parameters: room, input: floats(room), outputs: room };
  const call = forward({ ...place, does: { activation: "relu" } });
  const softplus = { ...call, variants: { ...call.variants, ACTIVATION: "softplus" } };
  await expect(bench.library.compile([softplus])).rejects.toThrow(/forward does not compile: .*softplus/s);
  bench.destroy();
});
