/// <reference types="vitest/config" />
import { defineConfig, type UserConfig } from "vite";

/**
 * One source tree, three products:
 * `vite build` makes the browser app (dist/app), `--mode cli` the command-line program (dist/cli.js, one file
 * with everything but the native `webgpu` package), `--mode lib` the library entry (dist/index.js).
 */
const app: UserConfig = {
  base: "./",
  publicDir: false,
  build: { outDir: "dist/app", emptyOutDir: true, target: "es2023" },
};

const cli: UserConfig = {
  publicDir: false,
  build: {
    ssr: "src/cli/main.ts",
    outDir: "dist",
    emptyOutDir: false,
    target: "node20",
    rolldownOptions: {
      output: { entryFileNames: "cli.js", codeSplitting: false, banner: "#!/usr/bin/env node" },
    },
  },
  ssr: { noExternal: true, external: ["webgpu"] },
};

const lib: UserConfig = {
  publicDir: false,
  build: {
    lib: { entry: "src/index.ts", formats: ["es"], fileName: () => "index.js" },
    outDir: "dist",
    emptyOutDir: false,
    target: "es2023",
    minify: false,
    rolldownOptions: { external: ["pure-rand", /^pure-rand\//, "valibot"] },
  },
};

export default defineConfig(({ mode }) => ({
  ...(mode === "cli" ? cli : mode === "lib" ? lib : app),
  test: {
    include: ["test/**/*.test.ts"],
    // Dawn needs a process of its own: a worker thread's `process.env` is a copy that the Vulkan loader never sees.
    pool: "forks",
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
}));
