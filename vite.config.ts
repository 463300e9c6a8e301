/// <reference types="vitest/config" />
import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin, type UserConfig } from "vite";

/**
 * One source tree, three products:
 * `vite build` makes the browser app (dist/app), `--mode cli` the command-line program (dist/cli.js, one file
 * with everything but the native `webgpu` package), `--mode lib` the library entry (dist/index.js).
 */
const app: UserConfig = {
  base: "./",
  publicDir: false,
  plugins: [mnistFiles(), contentSecurityPolicy()],
  build: { outDir: "dist/app", emptyOutDir: true, target: "es2023", modulePreload: { polyfill: false } },
  worker: { format: "es" },
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
    // The software adapter and the browser use every core: two files at a time would only wait for each other.
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
}));

/** The page's data: `data/mnist/*.gz` beside it, where this folder has them. */
function mnistFiles(): Plugin {
  const folder = fileURLToPath(new URL("data/mnist/", import.meta.url));
  const names = ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"];
  const files = names.map((name) => `${name}-ubyte.gz`);
  return {
    name: "mnist-files",
    configureServer({ middlewares }) {
      // Vite would label the files as gzip-encoded, and answer with the page for those that are not there.
      middlewares.use("/data/mnist/", (request, response) => {
        const file = files.find((name) => request.url === `/${name}`);
        response.statusCode = file && existsSync(`${folder}${file}`) ? 200 : 404;
        if (!file || response.statusCode === 404) return response.end();
        response.setHeader("Content-Type", "application/gzip");
        response.setHeader("Content-Length", statSync(`${folder}${file}`).size);
        createReadStream(`${folder}${file}`).pipe(response);
      });
    },
    generateBundle() {
      for (const file of files.filter((name) => existsSync(`${folder}${name}`))) {
        this.emitFile({
          type: "asset",
          fileName: `data/mnist/${file}`,
          source: readFileSync(`${folder}${file}`),
        });
      }
    },
  };
}

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
