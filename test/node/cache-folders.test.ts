import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { cacheFolders, makePrivate, type Surroundings } from "../../src/node/cache-folders.ts";
import { unpackedFolder } from "../../src/node/unpacked.ts";

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

const place = () => {
  const root = mkdtempSync(join(tmpdir(), "mnist-webgpu-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  return root;
};

describe("makePrivate", () => {
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

it("what is unpacked makes room of what killed processes left half unpacked, and of nothing else", async () => {
  const root = place();
  vi.stubEnv("XDG_CACHE_HOME", root);
  onTestFinished(() => void vi.unstubAllEnvs());
  const cache = join(root, "mnist-webgpu");
  const left = (name: string, minutes: number) => {
    mkdirSync(join(cache, name), { recursive: true, mode: 0o700 });
    writeFileSync(join(cache, name, "half"), "a");
    const then = Date.now() / 1000 - 60 * minutes;
    utimesSync(join(cache, name), then, then);
  };
  mkdirSync(cache, { mode: 0o700 });
  left("unpacking-killed", 11);
  left("unpacking-alive", 1);
  left("another", 11);
  const unpack = async (folder: string) => writeFileSync(join(folder, "whole"), "a");
  await unpackedFolder({ what: "thing", name: "thing-1", files: ["whole"], unpack });
  expect(readdirSync(cache).sort()).toEqual(["another", "thing-1", "unpacking-alive"]);
});
