import { describe, expect, test } from "vitest";
import { PretendedHardware, refused } from "../../../bench/src/compiler/driver.ts";

describe("without what the compiler's report needs, it says so:", () => {
  test("no such manifest", () => {
    const words =
      process.platform === "linux" && process.arch === "x64" ? /no file \/nowhere\/radeon/ : /Linux/;
    expect(() => new PretendedHardware("/nowhere/radeon_icd.json")).toThrow(words);
  });

  test("a driver that does not open, with the last thing that it said", () => {
    expect(refused("navi99", "first\nradv: Unknown family: navi99\nWarning: of Dawn's\n").message).toMatch(
      /navi99 \(radv: Unknown family: navi99\).*Mesa 25/,
    );
  });
});
