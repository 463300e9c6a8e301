import type { Plugin } from "vite";

const stylesheet = /(var stylesheet = )`[^`]*`/;

/**
 * Leaves lil-gui's own stylesheet out of what is built: the page brings its own and never has that one injected, but it is a
 * string of 11 kB of which the bundler cannot tell.
 */
export function unusedStylesheet(): Plugin {
  return {
    name: "unused-stylesheet",
    apply: "build",
    transform(code, id) {
      if (!/\/node_modules\/lil-gui\/.*\.js$/.test(id)) return undefined;
      if (!stylesheet.test(code))
        throw new Error(
          `${id} has no line \`var stylesheet = …\`, expected from lil-gui 0.21. Look for what holds its styles now, and change ` +
            "src/node/unused-stylesheet.ts.",
        );
      return { code: code.replace(stylesheet, '$1""'), map: null };
    },
  };
}
