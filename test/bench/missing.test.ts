import { describe, expect, it } from "vitest";
import { missingInPython } from "../../bench/src/missing.ts";

describe("missingInPython", () => {
  it("tells what a program lacks, or that there is no Python at all", () => {
    const reason = missingInPython("import a_package_that_nobody_has");
    expect(reason).toMatch(/^python3 (says: .*a_package_that_nobody_has|does not start)/);
  });
});
