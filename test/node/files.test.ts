import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { makeFolder } from "../../src/node/files.ts";

describe("makeFolder", () => {
  const place = () => {
    const root = mkdtempSync(join(tmpdir(), "mnist-webgpu-"));
    onTestFinished(() => rmSync(root, { recursive: true }));
    return root;
  };

  it("makes what is missing above too, and tells the topmost that it made", async () => {
    const root = place();
    expect(await makeFolder(join(root, "a"))).toBe(join(root, "a"));
    expect(await makeFolder(join(root, "a", "b", "c", "..", "d"), 0o700)).toBe(join(root, "a", "b"));
    expect(statSync(join(root, "a", "b", "d")).mode & 0o777).toBe(0o700);
    expect(await makeFolder(join(root, "a", "b"))).toBeUndefined();
    expect(await makeFolder("/")).toBeUndefined();
  });

  it("makes one for many at once", async () => {
    const folder = join(place(), "a", "b", "c");
    await Promise.all(Array.from({ length: 20 }, () => makeFolder(folder)));
    expect(statSync(folder).isDirectory()).toBe(true);
  });

  it("fails where a file or a link to nowhere is in the way", async () => {
    const root = place();
    writeFileSync(join(root, "file"), "");
    symlinkSync(join(root, "nowhere", "at", "all"), join(root, "link"));
    for (const path of ["file", "file/below", "link", "link/below"]) {
      await expect(makeFolder(join(root, path)), path).rejects.toThrow(/^E(EXIST|NOTDIR)/);
    }
  });

  // Node's recursive mkdir never comes back from these.
  it.each(["/proc/x", "/proc/x/y/z", "/proc/self/x"])(
    "fails at once where the system makes no folders: %s",
    async (path) => {
      await expect(makeFolder(path)).rejects.toThrow();
    },
  );
});
