import type { Plugin } from "vite";
import { formulas } from "../reference/formulas.ts";

/** Shaders that the page shows as they stand: those of the article's formulas, and the optimizers. */
const shown: readonly string[] = Object.values(formulas).map(({ shader }) => shader.file);

/** Vite's part in the page's shaders: those that nobody reads there come without their comments, a quarter of all shader text. */
export function shaderText(): Plugin {
  return {
    name: "shader-text",
    apply: "build",
    // After Vite has made a module of the text.
    enforce: "post",
    transform(code, id) {
      const [, file] = /\/shaders\/(.+\.wgsl)\?raw$/.exec(id) ?? [];
      if (!file || shown.includes(file) || file.startsWith("optimizers/optimizer_")) return undefined;
      // Lines stay where they are: compilers name them.
      return { code: code.replace(/ *\/\/(?:[^\\"]|\\[^n])*/g, ""), map: null };
    },
  };
}
