/// <reference types="vitest/config" />
import { availableParallelism } from "node:os";
import { defineConfig, type Plugin, type UserConfig } from "vite";
import { classroom } from "./src/node/classroom.ts";
import { minifiedAgain } from "./src/node/minified-again.ts";
import { pageData } from "./src/node/page-data.ts";
import { shaderText } from "./src/node/shader-text.ts";
import { unusedStylesheet } from "./src/node/unused-stylesheet.ts";
import { workerLicenses } from "./src/node/worker-licenses.ts";
import { LongestFirst } from "./test/helpers/sequencer.ts";

const licenses = "licenses.md";
const { ofWorkers, ofPage } = workerLicenses(licenses);

/**
 * One source tree, three products:
 * `vite build` makes the browser app (dist/app), `--mode cli` the command-line program (dist/cli.js, one file
 * with everything but the native packages), `--mode lib` the library entry (dist/index.js). `--mode bare` makes
 * the app without the data beside it, as its tests do; `vite preview --mode classroom` serves the app to every device in the
 * network.
 */
const bare: UserConfig = {
  base: "./",
  publicDir: false,
  plugins: [shaderText(), unusedStylesheet(), contentSecurityPolicy(), ofPage, minifiedAgain()],
  build: {
    outDir: "dist/app",
    emptyOutDir: true,
    target: "es2023",
    modulePreload: { polyfill: false },
    license: { fileName: licenses },
    // What the page shares with parts that it loads later is one file, which packs better than several.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "shared", minShareCount: 2 }] } } },
  },
  worker: {
    format: "es",
    plugins: () => [ofWorkers, minifiedAgain()],
    // The page unpacks and never packs, but what pako prepares for packing looks like effects to the bundler: 12 kB of it.
    rolldownOptions: { treeshake: { manualPureFunctions: ["zero$1", "Config"] } },
  },
};

const app: UserConfig = {
  ...bare,
  plugins: [pageData(new URL("./", import.meta.url)), ...(bare.plugins ?? [])],
};

const room: UserConfig = {
  ...app,
  plugins: [...(app.plugins ?? []), classroom()],
  preview: { host: true, port: 8443 },
};

const cli: UserConfig = {
  publicDir: false,
  build: {
    ssr: "src/cli/main.ts",
    outDir: "dist",
    emptyOutDir: false,
    target: "node20",
    // Whoever passes the program on passes their notices on too.
    license: { fileName: licenses },
    rolldownOptions: {
      // On a busy machine, remarks on the build's own time would stand above what the command says.
      checks: { pluginTimings: false },
      output: { entryFileNames: "cli.js", codeSplitting: false, banner: "#!/usr/bin/env node" },
    },
  },
  ssr: { noExternal: true, external: ["webgpu", "koffi"] },
};

const lib: UserConfig = {
  publicDir: false,
  build: {
    lib: { entry: "src/index.ts", formats: ["es"], fileName: () => "index.js" },
    outDir: "dist",
    emptyOutDir: false,
    target: "es2023",
    minify: false,
    rolldownOptions: { external: ["pako", "pure-rand", /^pure-rand\//, "valibot"] },
  },
};

const products: Readonly<Record<string, UserConfig>> = { bare, classroom: room, cli, lib };

/**
 * Firefox has tests of its own, since few machines have it and an adapter that it can use; so has Deno, which npm fetches for
 * them; pictures are taken, not tested; faults are tried more often than in the ordinary suite; what takes long, or takes the
 * browser's GPU away from other tests, is in none but its own.
 */
const tests: Readonly<Record<string, string>> = {
  deno: "test/deno/**/*.deno.ts",
  endurance: "test/endurance/**/*.endurance.ts",
  faults: "test/faults/**/*.test.ts",
  firefox: "test/firefox/**/*.firefox.ts",
  "page-faults": "test/faults/**/*.page.ts",
  pictures: "test/pictures/**/*.pictures.ts",
};

/**
 * The longest that a test may take: software adapters of one's own choice (llvmpipe) compile a single kernel for a minute, and faults
 * are tried for minutes on end.
 */
const patienceMs = (mode: string) =>
  ({ faults: 1_800_000, "page-faults": 1_800_000, endurance: 7_200_000 })[mode] ??
  (process.env.TEST_ADAPTER ? 900_000 : 120_000);

export default defineConfig(({ mode }) => ({
  ...(products[mode] ?? app),
  test: {
    include: [tests[mode] ?? "test/**/*.test.ts"],
    globalSetup: "test/helpers/global-setup.ts",
    // Dawn needs a process of its own: a worker thread's `process.env` is a copy that the Vulkan loader never sees.
    pool: "forks",
    // A file's tests leave half of two cores idle: they wait for pages, processes and compilers of one thread. With one more,
    // pages draw so late that their tests have to wait for it.
    maxWorkers: Math.min(availableParallelism(), 4),
    sequence: { sequencer: LongestFirst },
    testTimeout: patienceMs(mode),
    hookTimeout: patienceMs(mode),
  },
}));

/** The built page loads nothing but its own files; `data:` is its icon. Vite's development server needs more. */
function contentSecurityPolicy(): Plugin {
  const policy =
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; connect-src 'self'; " +
    "img-src 'self' data:; base-uri 'none'; form-action 'none'";
  return {
    name: "content-security-policy",
    apply: "build",
    transformIndexHtml: () => [
      {
        tag: "meta",
        attrs: { "http-equiv": "Content-Security-Policy", content: policy },
        injectTo: "head-prepend",
      },
    ],
  };
}
