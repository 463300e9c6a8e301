import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

/**
 * Vite's `build.license` lists the packages that a page bundles, but not those that its workers do, which are bundled before
 * it: these two plugins add them to the list.
 * @param list the file that `build.license` writes
 */
export function workerLicenses(list: string): { readonly ofWorkers: Plugin; readonly ofPage: Plugin } {
  const folders = new Map<string, string>();
  return {
    ofWorkers: {
      name: "licenses-of-workers",
      generateBundle(_, bundle) {
        const modules = Object.values(bundle).flatMap((part) =>
          part.type === "chunk" ? part.moduleIds : [],
        );
        for (const module of modules) {
          const [folder, name] = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(module) ?? [];
          if (folder && name) folders.set(name, folder);
        }
      },
    },
    ofPage: {
      name: "licenses-of-page",
      generateBundle: {
        order: "post",
        handler(_, bundle) {
          const file = bundle[list];
          if (file?.type !== "asset") return;
          const text = String(file.source);
          const missing = [...folders].filter(([name]) => !text.includes(`## ${name} - `));
          file.source = [text, ...missing.map(([name, folder]) => notice(name, folder))].join("\n\n");
        },
      },
    },
  };
}

/** A package's entry, as Vite writes it. */
function notice(name: string, folder: string): string {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<string, string>;
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? readFileSync(join(folder, file), "utf8").trim() : "";
  return `## ${name} - ${manifest.version} (${manifest.license})\n\n${text}\n`;
}
