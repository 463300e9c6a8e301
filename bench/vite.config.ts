import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

/** Bundles the benchmark for plain `node`: everything but native packages, peers in chunks of their own. */
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  publicDir: false,
  logLevel: "warn",
  // For tfjs's WebAssembly loader, which was made for CommonJS.
  define: { __dirname: "import.meta.dirname" },
  build: {
    ssr: true,
    outDir: "dist",
    emptyOutDir: true,
    target: "node20",
    rolldownOptions: {
      input: { bench: "src/main.ts", worker: "src/worker.ts", compile: "src/compiler/compile.ts" },
    },
  },
  ssr: { noExternal: true, external: ["webgpu", "koffi"] },
});
