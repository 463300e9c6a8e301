import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import { build, createServer, type InlineConfig, preview } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verify } from "../../src/data/mnist.ts";
import { type MnistFile, mnistManifest } from "../../src/data/mnist-manifest.ts";
import { pageData } from "../../src/node/page-data.ts";

/** A page in an empty folder: what it says does not matter here, only what lies beside it. */
const root = mkdtempSync(join(tmpdir(), "page-data-"));
const files: readonly MnistFile[] = Object.values(mnistManifest);
const config: InlineConfig = {
  ...{ root, configFile: false, logLevel: "silent", publicDir: false },
  plugins: [pageData(pathToFileURL(`${root}/`))],
};

beforeAll(async () => {
  writeFileSync(join(root, "index.html"), '<!doctype html><script type="module" src="./main.ts"></script>');
  writeFileSync(join(root, "main.ts"), "console.log(import.meta.env.DATA_SETS);");
  await build(config);
  return () => rmSync(root, { recursive: true });
});

describe("the built page", () => {
  it("has MNIST beside it, packed, each file with its SHA-256 sum", async () => {
    for (const file of files) {
      const bytes = readFileSync(join(root, "dist/data/mnist", `${file.name}.gz`));
      expect(await verify(file, gunzipSync(bytes))).toBe(true);
      // No time, and no name of the system: the same bytes on every machine.
      expect([...bytes.subarray(4, 10)]).toEqual([0, 0, 0, 0, 0, 255]);
    }
  });
});

describe("what the page is told", () => {
  const built = () =>
    readdirSync(join(root, "dist/assets")).map((name) =>
      readFileSync(join(root, "dist/assets", name), "utf8"),
    );

  it("are the data sets that lie beside it", async () => {
    expect(built().join()).toMatch(/console\.log\(\[.mnist.\]\)/);
  });
});

describe.each(["development", "preview"])("the %s server", (kind) => {
  let address: string;
  let close: () => Promise<void>;
  beforeAll(async () => {
    if (kind === "preview") {
      const server = await preview({ ...config, preview: { port: 0, host: "127.0.0.1" } });
      [address] = server.resolvedUrls!.local;
      close = () => server.close();
    } else {
      const server = await createServer({ ...config, server: { port: 0, host: "127.0.0.1", ws: false } });
      await server.listen();
      [address] = server.resolvedUrls!.local;
      close = () => server.close();
    }
  });
  afterAll(() => close());

  it("sends the same bytes as they are, not labelled as packed for the way", async () => {
    for (const { name } of files) {
      const response = await fetch(`${address}data/mnist/${name}.gz?t=1`);
      expect(response.headers.get("content-encoding")).toBe(null);
      const bytes = Buffer.from(await response.arrayBuffer());
      expect(Number(response.headers.get("content-length"))).toBe(bytes.length);
      expect(bytes.equals(readFileSync(join(root, "dist/data/mnist", `${name}.gz`)))).toBe(true);
    }
  });

  it("has nothing else there", async () => {
    for (const path of ["", "train-images-idx3-ubyte", "x.gz"]) {
      const response = await fetch(`${address}data/mnist/${path}`);
      expect([path, response.status]).toEqual([path, 404]);
    }
  });
});

it("leaves what else lies in the folder to the development server, which the page imports it from", async () => {
  const project = fileURLToPath(new URL("../../", import.meta.url));
  const inline: InlineConfig = { root: project, logLevel: "silent", optimizeDeps: { noDiscovery: true } };
  const server = await createServer({ ...inline, server: { port: 0, host: "127.0.0.1", ws: false } });
  try {
    await server.listen();
    const [address] = server.resolvedUrls!.local;
    const module = await fetch(`${address}src/app/trained-network.ts`);
    const [, imported] = (await module.text()).match(/from "\/(data\/trained[^"]+)"/)!;
    const response = await fetch(address + imported);
    expect([response.status, await response.text()]).toEqual([
      200,
      expect.stringContaining("export default"),
    ]);
    const file = await fetch(`${address}data/trained.safetensors`);
    const bytes = Buffer.from(await file.arrayBuffer());
    expect(bytes.equals(readFileSync(join(project, "data/trained.safetensors")))).toBe(true);
  } finally {
    await server.close();
  }
});
