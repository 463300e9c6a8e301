import { execFileSync } from "node:child_process";
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { readFile, rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { UserError } from "../../src/errors.ts";
import { checkWritable, makeFolder, removeParts, writeWhole } from "../../src/node/files.ts";
import { readBytes, readWhole } from "../../src/node/read-bytes.ts";

const place = () => {
  const root = mkdtempSync(join(tmpdir(), "mnist-webgpu-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  return root;
};

describe("makeFolder", () => {
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

describe("readBytes", () => {
  it("reads a file that is larger than what is read at once", async () => {
    const path = join(place(), "file");
    const bytes = Uint8Array.from({ length: 100 }, (_, index) => index);
    writeFileSync(path, bytes);
    for (const part of [1, 7, 50, 99, 100, 101])
      expect(new Uint8Array(await readWhole(path, part)), `${part} at once`).toEqual(bytes);
  });

  it("refuses one that is larger than it may be", async () => {
    const path = join(place(), "file");
    writeFileSync(path, "twelve bytes");
    expect(await readBytes(path, 12)).toHaveLength(12);
    await expect(readBytes(path, 11)).rejects.toThrow(
      `${path} holds more than 11 bytes, the most expected here`,
    );
  });
});

describe("removeParts", () => {
  it("removes what writeWhole leaves when it is killed, and nothing else", async () => {
    const root = place();
    await writeWhole(join(root, "file"), "half", async (part) => {
      // As if it ended here.
      linkSync(part, `${part.slice(0, -".part".length)}00.part`);
    });
    const foreign = [".file.part", ".mnist-webgpu.part", "mnist-webgpu-00.part"];
    for (const name of foreign) writeFileSync(join(root, name), "");
    expect(readdirSync(root)).toHaveLength(5);
    await removeParts(root, 60_000);
    expect(readdirSync(root)).toHaveLength(5);
    await removeParts(root);
    expect(readdirSync(root).sort()).toEqual(foreign.sort());
  });
});

describe("writeWhole", () => {
  const modeOf = (path: string) => statSync(path).mode & 0o777;

  it("replaces the file that a link leads to, and keeps the link", async () => {
    const root = place();
    mkdirSync(join(root, "below"));
    writeFileSync(join(root, "below", "real.json"), "old");
    symlinkSync(join("below", "real.json"), join(root, "link.json"));
    symlinkSync("link.json", join(root, "link of a link.json"));
    await checkWritable(join(root, "link of a link.json"));
    await writeWhole(join(root, "link of a link.json"), "new");
    expect(readFileSync(join(root, "below", "real.json"), "utf8")).toBe("new");
    expect(readlinkSync(join(root, "link.json"))).toBe(join("below", "real.json"));
    expect(readdirSync(root).sort()).toEqual(["below", "link of a link.json", "link.json"]);
    expect(readdirSync(join(root, "below"))).toEqual(["real.json"]);
  });

  it("makes the file that a link leads to, however many links it takes", async () => {
    const root = place();
    mkdirSync(join(root, "below"));
    symlinkSync(join("below", "new.json"), join(root, "link.json"));
    symlinkSync("link.json", join(root, "link of a link.json"));
    await writeWhole(join(root, "link of a link.json"), "new");
    expect(readFileSync(join(root, "below", "new.json"), "utf8")).toBe("new");
    expect(readlinkSync(join(root, "link of a link.json"))).toBe("link.json");
    symlinkSync(join("nowhere", "new.json"), join(root, "astray.json"));
    await expect(writeWhole(join(root, "astray.json"), "new")).rejects.toThrow("no such file or directory");
    symlinkSync("circle.json", join(root, "circle.json"));
    await expect(writeWhole(join(root, "circle.json"), "new")).rejects.toThrow(UserError);
  });

  it.each([0o600, 0o664, 0o755])("keeps the permissions of the file that it replaces: %o", async (mode) => {
    const path = join(place(), "private.json");
    writeFileSync(path, "old");
    chmodSync(path, mode);
    await writeWhole(path, "new");
    expect([readFileSync(path, "utf8"), modeOf(path)]).toEqual(["new", mode]);
  });

  it("writes into a pipe", async () => {
    const path = join(place(), "pipe");
    execFileSync("mkfifo", [path]);
    await checkWritable(path);
    const [read] = await Promise.all([readFile(path, "utf8"), writeWhole(path, "all of it")]);
    expect([read, statSync(path).isFIFO()]).toEqual(["all of it", true]);
  });

  it("leaves a device what it is", async () => {
    // By a link, which alone is lost if this fails.
    const path = join(place(), "null");
    symlinkSync("/dev/null", path);
    await checkWritable(path);
    await writeWhole(path, "nothing");
    expect(statSync(path).isCharacterDevice()).toBe(true);
  });

  it("says the same of a folder that comes in between", async () => {
    const path = join(place(), "file");
    const write = writeWhole(path, "text", async (part, to) => {
      mkdirSync(to);
      await rename(part, to);
    });
    await expect(write).rejects.toThrow(`${path} cannot be written (it is a folder). Name a file.`);
  });

  it("gives no two processes the same part, though they have the same number", async () => {
    const path = join(place(), "file");
    const parts: string[] = [];
    for (let process = 0; process < 2; process++) {
      vi.resetModules();
      const files: typeof import("../../src/node/files.ts") = await import("../../src/node/files.ts");
      await files.writeWhole(path, "text", async (part, to) => {
        parts.push(part);
        await rename(part, to);
      });
    }
    expect(parts[1]).not.toBe(parts[0]);
  });

  it("leaves no part where it fails, and what there was", async () => {
    const root = place();
    writeFileSync(join(root, "file"), "old");
    const write = writeWhole(join(root, "file"), "new", () => Promise.reject(new Error("no room")));
    await expect(write).rejects.toThrow("cannot be written (no room)");
    expect(readFileSync(join(root, "file"), "utf8")).toBe("old");
    expect(readdirSync(root)).toEqual(["file"]);
  });

  it("takes names as long as the system does", async () => {
    const path = join(place(), `${"n".repeat(250)}.json`);
    await checkWritable(path);
    await writeWhole(path, "text");
    expect(readFileSync(path, "utf8")).toBe("text");
  });

  it.each([
    ["a file/below", "not a directory"],
    [`${"n".repeat(256)}`, "name too long"],
    ["a loop", "too many symbolic links encountered"],
    ["nowhere/file", "no such file or directory"],
    ["folder", "it is a folder"],
  ])("fails with a sentence where nothing can be written: %s", async (name, why) => {
    const root = place();
    writeFileSync(join(root, "a file"), "");
    symlinkSync("a loop", join(root, "a loop"));
    mkdirSync(join(root, "folder"));
    const path = join(root, name);
    for (const failing of [() => writeWhole(path, ""), () => checkWritable(path)]) {
      const write = failing();
      await expect(write).rejects.toThrow(UserError);
      await expect(write).rejects.toThrow(`${path} cannot be written (${why}). `);
    }
  });

  it("fails with a sentence in a folder that may not be looked into", async () => {
    const root = place();
    chmodSync(root, 0o755);
    const locked = join(root, "locked");
    mkdirSync(locked, { mode: 0 });
    // Nothing is forbidden to root.
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(65_534);
    try {
      const path = join(locked, "file");
      for (const write of [() => writeWhole(path, ""), () => checkWritable(path)])
        await expect(write()).rejects.toThrow(`${path} cannot be written (permission denied). Make room, or`);
    } finally {
      if (isRoot) process.seteuid?.(0);
      chmodSync(locked, 0o700);
    }
  });
});
