import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { cacheFolders, makePrivate, type Surroundings } from "../../src/node/cache-folders.ts";

const linux: Surroundings = {
  platform: "linux",
  environment: {},
  home: "/home/a",
  temporary: "/tmp",
  user: 7,
};
const mac: Surroundings = { ...linux, platform: "darwin", home: "/Users/a" };
const windows: Surroundings = {
  platform: "win32",
  environment: {},
  home: "C:\\Users\\a",
  temporary: "C:\\Temp",
  user: undefined,
};

describe("the cache folders", () => {
  const xdg = (folder: string) => ({ XDG_CACHE_HOME: folder });
  it.each<[string, Surroundings, string[]]>([
    ["Linux", linux, ["/home/a/.cache/mnist-webgpu", "/tmp/mnist-webgpu-7"]],
    ["a folder of its own", { ...linux, environment: xdg("/c") }, ["/c/mnist-webgpu", "/tmp/mnist-webgpu-7"]],
    ["an empty one", { ...linux, environment: xdg("") }, cacheFolders(linux)],
    ["a relative one", { ...linux, environment: xdg("cache") }, cacheFolders(linux)],
    ["no home", { ...linux, home: "" }, ["/tmp/mnist-webgpu-7"]],
    ["a relative home", { ...linux, home: "here" }, ["/tmp/mnist-webgpu-7"]],
    [
      "no home, but a folder",
      { ...linux, home: "", environment: xdg("/c") },
      ["/c/mnist-webgpu", "/tmp/mnist-webgpu-7"],
    ],
    ["macOS", mac, ["/Users/a/Library/Caches/mnist-webgpu", "/tmp/mnist-webgpu-7"]],
    ["Windows", windows, ["C:\\Users\\a\\AppData\\Local\\mnist-webgpu", "C:\\Temp\\mnist-webgpu"]],
    [
      "Windows with its variable",
      { ...windows, environment: { LOCALAPPDATA: "D:\\local", XDG_CACHE_HOME: "/c" } },
      ["D:\\local\\mnist-webgpu", "C:\\Temp\\mnist-webgpu"],
    ],
  ])("%s", (_, surroundings, expected) => expect(cacheFolders(surroundings)).toEqual(expected));
});

describe("makePrivate", () => {
  const place = () => {
    const root = mkdtempSync(join(tmpdir(), "mnist-webgpu-"));
    onTestFinished(() => rmSync(root, { recursive: true }));
    return root;
  };

  it("makes a folder that only this user can write to, once or again", async () => {
    const folder = join(place(), "a", "b");
    await makePrivate(folder);
    await makePrivate(folder);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it("refuses a link, even to a folder that is fine", async () => {
    const root = place();
    mkdirSync(join(root, "real"), { mode: 0o700 });
    symlinkSync(join(root, "real"), join(root, "link"));
    await expect(makePrivate(join(root, "link"))).rejects.toThrow("only you can write to");
  });
});
