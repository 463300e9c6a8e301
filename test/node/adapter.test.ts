import { execFile } from "node:child_process";
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { build } from "vite";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { UserError } from "../../src/errors.ts";
import { findGpu, listAdapters, openFound } from "../../src/node/adapter.ts";
import { swiftshaderSpec } from "../../src/node/swiftshader.ts";
import type { ProbeReport } from "../helpers/node-adapter-probe.ts";

const swiftshader = "SwiftShader Device (Subzero) — software";
const version = manifest.devDependencies["@sparticuz/chromium"];
const files = ["libvk_swiftshader.so", "libvulkan.so.1", "vk_swiftshader_icd.json"];

/** The probe is built as the command line is, in a folder from which installed packages are found as from dist/. */
const built = resolve(`node_modules/.adapter-probe-${process.pid}`);
const probe = join(built, "probe.mjs");
/** A fresh folder for each test. */
let scratch: string;
/** `XDG_CACHE_HOME` and the temporary folder of the probe, both empty. */
let cacheHome: string;
let temporary: string;

beforeAll(async () => {
  await build({
    mode: "cli",
    logLevel: "error",
    build: {
      ssr: "test/helpers/node-adapter-probe.ts",
      outDir: built,
      rolldownOptions: { output: { entryFileNames: "probe.mjs" } },
    },
  });
});

afterAll(() => rm(built, { recursive: true, force: true }));

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), "adapter-test-"));
  cacheHome = join(scratch, "cache");
  temporary = join(scratch, "tmp");
  await mkdir(cacheHome);
  await mkdir(temporary);
  return () => rm(scratch, { recursive: true, force: true });
});

/** Runs the probe where the system has no Vulkan driver, whatever this machine has. */
async function run(options: RunOptions = {}) {
  return (await runAndHear(options)).report;
}

interface RunOptions {
  readonly script?: string;
  readonly args?: string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** The report, and what came on stderr. */
async function runAndHear(options: RunOptions) {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ["--expose-gc", options.script ?? probe, ...(options.args ?? [])],
    {
      env: { ...noDriver(), ...options.env },
    },
  );
  return { report: JSON.parse(stdout) as ProbeReport, stderr };
}

/** An environment in which the system has no Vulkan driver. */
function noDriver(): NodeJS.ProcessEnv {
  const none = join(scratch, "none.json");
  return {
    ...process.env,
    XDG_CACHE_HOME: cacheHome,
    TMPDIR: temporary,
    VK_ICD_FILENAMES: none,
    VK_DRIVER_FILES: none,
  };
}

const good: ProbeReport = { adapters: [`${swiftshader} (no GPU was found)`], copied: [1, 2, 3, 4] };

describe("the packaged software adapter", () => {
  const folder = () => join(cacheHome, "mnist-webgpu", `swiftshader-${version}`);

  test("is unpacked into a private cache folder, once, and survives garbage collection", async () => {
    expect(await run()).toEqual(good);
    expect((await readdir(folder())).sort()).toEqual(files);
    expect((await stat(join(cacheHome, "mnist-webgpu"))).mode & 0o777).toBe(0o700);
    expect((await stat(folder())).mode & 0o777).toBe(0o700);
    const before = await stat(folder());
    expect(await run()).toEqual(good);
    expect((await stat(folder())).ino).toBe(before.ino);
    expect(await readdir(temporary)).toEqual([]);
  });

  test("is unpacked by four processes at once", async () => {
    expect(await Promise.all([run(), run(), run(), run()])).toEqual([good, good, good, good]);
    expect(await readdir(join(cacheHome, "mnist-webgpu"))).toEqual([`swiftshader-${version}`]);
  });

  test("is unpacked again if a file is empty", async () => {
    await run();
    await truncate(join(folder(), files[0]!), 0);
    expect(await run()).toEqual(good);
    expect(await readdir(join(cacheHome, "mnist-webgpu"))).toEqual([`swiftshader-${version}`]);
  });

  test("goes to the temporary folder if the cache folder cannot be written", async () => {
    const file = join(scratch, "file");
    await writeFile(file, "");
    expect(await run({ env: { XDG_CACHE_HOME: file } })).toEqual(good);
    expect(await readdir(temporary)).toEqual([`mnist-webgpu-${process.getuid!()}`]);
  });

  test("keeps away from folders that others can write to, and from links", async () => {
    const shared = join(cacheHome, "mnist-webgpu");
    await mkdir(shared);
    await chmod(shared, 0o777);
    const target = join(scratch, "target");
    await mkdir(target, { mode: 0o700 });
    await symlink(target, join(temporary, `mnist-webgpu-${process.getuid!()}`));
    const { userError } = await run();
    expect(userError).toContain(shared);
    expect(userError).toContain("Set XDG_CACHE_HOME to a folder that only you can write to.");
    expect(await readdir(shared)).toEqual([]);
    expect(await readdir(target)).toEqual([]);
  });

  test("works beside a system loader that finds no driver", async () => {
    await run();
    // The unpacked loader plays the system's: this is how a system library is found.
    expect(await run({ env: { LD_LIBRARY_PATH: folder() } })).toEqual(good);
  });

  test("comes before a software adapter of the system", async () => {
    await run();
    const env = { LD_LIBRARY_PATH: folder(), VK_DRIVER_FILES: join(folder(), "vk_swiftshader_icd.json") };
    expect(await run({ args: ["--list"], env })).toEqual({ adapters: [swiftshader, swiftshader] });
  });

  test("is called by name, or by `software`", async () => {
    const found = { ...good, adapters: [swiftshader] };
    for (const name of ["SWIFTshader", "software", "subzero"]) {
      expect(await run({ args: ["--adapter", name] })).toEqual(found);
    }
  });

  test("is the version that is installed for development", () => {
    expect(swiftshaderSpec).toBe(`@sparticuz/chromium@${version}`);
  });
});

describe("what the loader and the drivers write to stderr", () => {
  // The loader, which is part of every look, tells what it does. What it says of a machine's own layers, as it unloads them, comes
  // when the process ends.
  const env = { VK_LOADER_DEBUG: "all", VK_LOADER_LAYERS_DISABLE: "~implicit~" };

  test("is kept back, by whatever stderr is", async () => {
    expect(await runAndHear({ env })).toEqual({ report: good, stderr: "" });
    const file = join(scratch, "stderr");
    const command = `"${process.execPath}" --expose-gc "${probe}" 2>>"${file}"`;
    await promisify(execFile)("sh", ["-c", command], { env: { ...noDriver(), ...env } });
    expect(await readFile(file, "utf8")).toBe("");
  });

  test("is shown with --debug", async () => {
    // Of drivers alone: more than a pipe holds may get lost where its reader is slow, since Node's pipes do not block.
    const ofDrivers = { ...env, VK_LOADER_DEBUG: "driver" };
    const { report, stderr } = await runAndHear({ args: ["--debug"], env: ofDrivers });
    expect(report).toEqual(good);
    expect(stderr).toContain("vk_swiftshader_icd.json");
  });
});

describe("an installation without", () => {
  test("the software adapter says what to install", async () => {
    const script = join(scratch, "probe.mjs");
    await copyFile(probe, script);
    await mkdir(join(scratch, "node_modules"));
    await symlink(resolve("node_modules/webgpu"), join(scratch, "node_modules", "webgpu"));
    const { userError } = await run({ script });
    expect(userError).toMatch(/^No WebGPU adapter was found: the system has no Vulkan (loader|driver)/);
    expect(userError).toContain(`npm install ${swiftshaderSpec}`);
    expect(userError).toContain("--backend cpu");
  });

  test("the software adapter, and for all users, says that it must be installed for them too", async () => {
    const packages = join(scratch, "lib", "node_modules");
    const script = join(packages, "mnist-webgpu", "dist", "probe.mjs");
    await mkdir(dirname(script), { recursive: true });
    await copyFile(probe, script);
    await symlink(resolve("node_modules/webgpu"), join(packages, "webgpu"));
    expect((await run({ script })).userError).toContain(`\`npm install -g ${swiftshaderSpec}\``);
    await symlink(resolve("node_modules/@sparticuz"), join(packages, "@sparticuz"));
    expect(await run({ script })).toEqual(good);
  });

  test("WebGPU says so", async () => {
    const script = join(scratch, "probe.mjs");
    await copyFile(probe, script);
    const { userError } = await run({ script });
    expect(userError).toMatch(
      /^WebGPU does not load on this machine \(linux x64\): Cannot find package 'webgpu'/,
    );
  });
});

test("the packaged software adapter compiles a kernel with much workgroup memory as soon as one with little", async () => {
  const found = await findGpu({ adapter: "SwiftShader" });
  const { device, destroy } = await openFound(found);
  /** Processor time of compiling a kernel that shifts so many vectors by one; the least of some, each another text. */
  const compilation = async (vectors: number) => {
    const times: number[] = [];
    for (const step of [1, 2, 3, 4]) {
      const code = `
        var<workgroup> shared_vectors: array<vec4f, ${vectors}>;
        @group(0) @binding(0) var<storage, read_write> numbers: array<vec4f>;
        @compute @workgroup_size(64) fn shift(@builtin(local_invocation_index) local: u32) {
          shared_vectors[local] = numbers[local];
          workgroupBarrier();
          numbers[local] = shared_vectors[(local + ${step}) % ${vectors}];
        }`;
      const before = process.cpuUsage();
      const module = device.createShaderModule({ code });
      await device.createComputePipelineAsync({ layout: "auto", compute: { module } });
      const { user, system } = process.cpuUsage(before);
      times.push(user + system);
    }
    return Math.min(...times);
  };
  // Written out zero by zero, it takes twenty times as long.
  expect(await compilation(1024)).toBeLessThan(3 * (await compilation(64)));
  destroy();
});

describe("this machine", () => {
  test("has an adapter whose description names it and owns up to software", async () => {
    const { name, description, software, adapter } = await findGpu();
    expect(name).not.toBe("");
    expect(description).toBe(software ? `${name} — software (no GPU was found)` : name);
    expect(software).toBe(adapter.info.isFallbackAdapter);
    expect((await listAdapters())[0]!.name).toBe(name);
  });

  test("has none of an invented name, and lists what it has", async () => {
    const [first] = await listAdapters();
    const error = await findGpu({ adapter: "Voodoo 2" }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toContain('No adapter is called "Voodoo 2". There is: ');
    expect((error as UserError).message).toContain(first!.description);
  });
});
