import { describe, expect, it } from "vitest";
import { kernelNames } from "../../src/kernels/verify.ts";
import { jsonLines, setUpCli } from "../helpers/cli.ts";

const cli = setUpCli();

describe("info", () => {
  it("lists adapters with features and limits", async () => {
    const { code, stdout, stderr } = await cli.run("info");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^mnist-webgpu \d+\.\d+\.\d+, Node v\d+/);
    expect(stdout).toMatch(/\nAdapter: .+\n/);
    expect(stdout).toMatch(/\n {2}features: .*core-features-and-limits/);
    expect(stdout).toMatch(/\n {4}maxBufferSize +[\d,]+\n/);
  });

  it("says the same in JSON", async () => {
    const { code, stdout, stderr } = await cli.run("info", "--json", "--adapter=software");
    expect(code).toBe(0);
    expect(stderr).toContain("Adapter: ");
    const [{ adapters }] = jsonLines(stdout) as [{ adapters: { software: boolean; limits: object }[] }];
    expect(adapters).toHaveLength(1);
    expect(adapters[0]).toMatchObject({ software: true, limits: { maxBindGroups: expect.any(Number) } });
  });

  // Compiling every kernel for every shape takes a software adapter most of a minute, which the kernels' own tests do.
  it("verifies every kernel against the reference, and says so as soon as it is done with one", async () => {
    const run = cli.start("info", "--verify");
    await run.printed(`\n  ${kernelNames[1]} `);
    run.process.kill("SIGKILL");
    const { stdout } = await run.result;
    const lines = stdout.match(/^ {2}\w+(?= +\d\.\de[+-]\d+ {2}\d+ checks?, worst: )/gm);
    expect(lines).toEqual(kernelNames.slice(0, 2).map((kernel) => `  ${kernel}`));
  });

  it("verifies one kernel where it is named, and names those there are", async () => {
    const { code, stdout, stderr: said } = await cli.run("info", "--verify", "batch_metrics", "--json");
    expect(code).toBe(0);
    expect(said).toMatch(/\n {2}batch_metrics +\d\.\de[+-]\d+ {2}\d+ checks?, worst: .+\n$/);
    const [{ kernels }] = jsonLines(stdout) as [{ kernels: { kernel: string; passed: boolean }[] }];
    expect([...new Set(kernels.map(({ kernel }) => kernel))]).toEqual(["batch_metrics"]);
    expect(kernels.filter(({ passed }) => !passed)).toEqual([]);
    const { stderr } = await cli.run("info", "--verify=forwards");
    expect(stderr).toMatch(
      /^error: --verify: got forwards, expected nothing, for all, or one of forward, .*\.\n/,
    );
  });

  it("says which checks failed and by how much, and not to trust an adapter whose driver compiles a kernel wrongly", async () => {
    const hook = new URL("../faults/miscompile.mjs", import.meta.url);
    const run = cli.startWith(
      {
        NODE_OPTIONS: `--import=${hook.href}`,
        MISCOMPILE: "loss += sample.loss; => loss += 1.5 * sample.loss;",
      },
      ...["info", "--verify=batch_metrics"],
    );
    const { code, stdout, stderr } = await run.result;
    const failed = stdout.match(/^ {4}FAILED .+: off by [\d.]+, allowed .+$/gm) ?? [];
    const [, checks] = stdout.match(/\n {2}batch_metrics +\d\.\de[+-]\d+ {2}(\d+) checks?, worst: /)!;
    expect(failed.length).toBeGreaterThan(0);
    expect(stderr).toMatch(
      new RegExp(
        `^error: ${failed.length} of ${checks} checks failed on .+: do not trust what it trains\\. Update its driver, or `,
      ),
    );
    expect(code).toBe(1);
  });

  it("names the adapters there are if it does not know the one asked for", async () => {
    const { code, stdout, stderr } = await cli.run("info", "--adapter=Voodoo 2");
    expect(stderr).toMatch(/^error: No adapter is called "Voodoo 2"\. There is: .+\.\n$/);
    expect([code, stdout]).toEqual([1, ""]);
  });
});
