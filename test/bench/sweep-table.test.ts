import { expect, it } from "vitest";
import { sweepTable } from "../../bench/src/sweep-table.ts";

it("the table of a sweep says which kernels were asked for", () => {
  const about = {
    adapter: "a card",
    dataset: "MNIST",
    system: { cpu: "a processor", cores: 2, node: "Node" },
  };
  const table = (kernels?: "tiled") =>
    sweepTable({ ...about, options: { rounds: 3, seconds: 1, kernels }, measured: [] });
  expect(table()).toContain("plain SGD: median");
  expect(table("tiled")).toContain("plain SGD, tiled kernels: median");
});
