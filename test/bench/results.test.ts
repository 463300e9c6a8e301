import { describe, expect, it } from "vitest";
import { betweenMarkers } from "../../bench/src/results.ts";
import { fileNameOf, resultsName } from "../../bench/src/results-names.ts";
import { UserError } from "../../src/errors.ts";

describe("betweenMarkers", () => {
  const document = "# Title\n<!-- bench:begin -->\nold table\n<!-- bench:end -->\nrest\n";

  it("replaces what is between the markers and nothing else", () => {
    expect(betweenMarkers(document, "bench", "new table", "README.md")).toBe(
      "# Title\n<!-- bench:begin -->\nnew table\n<!-- bench:end -->\nrest\n",
    );
  });

  it("gives the same document when the same table is put in again", () => {
    const once = betweenMarkers(document, "bench", "new table", "README.md");
    expect(betweenMarkers(once, "bench", "new table", "README.md")).toBe(once);
  });

  it.each([
    ["no markers", "# Title\n"],
    ["only the first", "<!-- bench:begin -->\n"],
    ["the wrong order", "<!-- bench:end -->\n<!-- bench:begin -->\n"],
  ])("names the file and the markers when there are %s", (_, text) => {
    expect(() => betweenMarkers(text, "bench", "table", "README.md")).toThrow(UserError);
    expect(() => betweenMarkers(text, "bench", "table", "README.md")).toThrow(
      /README\.md.*bench:begin.*bench:end/,
    );
  });
});

describe("fileNameOf", () => {
  it.each([
    ["SwiftShader Device (Subzero)", "swiftshader-device-subzero"],
    ["NVIDIA GeForce RTX 4090", "nvidia-geforce-rtx-4090"],
  ])("makes a file name of %s", (adapter, name) => {
    expect(fileNameOf(adapter)).toBe(name);
  });
});

describe("resultsName", () => {
  it("is another one for kernels that were asked for, so that no published file is overwritten with theirs", () => {
    const adapter = "SwiftShader Device (Subzero)";
    expect(resultsName("scale", adapter, undefined)).toBe("scale-swiftshader-device-subzero");
    expect(resultsName("scale", adapter, "tiled")).toBe("scale-swiftshader-device-subzero-tiled");
  });
});
