import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { UserError } from "../../src/errors.ts";
import { installCommand, startWords } from "../../src/node/packages.ts";
import { checkRuntime } from "../../src/node/runtime.ts";

describe("a runtime that is not Node", () => {
  it.each([
    [{ bun: "1.4.5", node: "24.3.0" }, "This is Bun 1.4.5"],
    [{ deno: "2.9.6", node: "24.2.0" }, "This is Deno 2.9.6"],
  ])("%s is told which ones work", (versions, message) => {
    const check = () => checkRuntime(versions);
    expect(check).toThrow(UserError);
    expect(check).toThrow(message);
    expect(check).toThrow("run in Node 20.19 or later");
  });

  it("Node is let through", () => expect(() => checkRuntime()).not.toThrow());
});

/** A folder until the test is over. */
function root(): string {
  const folder = mkdtempSync(join(tmpdir(), "mnist-webgpu-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe("what is missing is installed", () => {
  const command = (...program: string[]) => installCommand("a@1", join(...program));

  it("in a project, and in a clone", () => {
    const project = root();
    writeFileSync(join(project, "package.json"), "{}");
    expect(command(project, "node_modules", "mnist-webgpu", "dist", "cli.js")).toBe("npm install a@1");
    expect(command(project, "dist", "cli.js")).toBe("npm install a@1");
  });

  it("for all users", () => {
    const program = ["lib", "node_modules", "mnist-webgpu", "dist", "cli.js"];
    expect(command(root(), ...program)).toBe("npm install -g a@1");
    expect(installCommand("a@1", "C:\\npm\\node_modules\\mnist-webgpu\\dist\\cli.js")).toBe(
      "npm install -g a@1",
    );
  });

  it("for one time, by npx", () => {
    const program = ["_npx", "0123", "node_modules", "mnist-webgpu", "dist", "cli.js"];
    expect(command(root(), ...program)).toBe("npx --package=a@1 --package=mnist-webgpu mnist-webgpu ...");
  });
});

describe("the words that start this program again", () => {
  const installed = ["node_modules", "mnist-webgpu", "dist", "cli.js"];
  const words = (folder: string, program: string, variables = {}) =>
    startWords("train", { program, folder, variables }).join(" ");

  it("in a clone are npm's if it was npm that started it, whichever script of ours was named", () => {
    const clone = root();
    const program = join(clone, "dist", "cli.js");
    const script = (of: string, name: string) => ({ npm_package_name: of, npm_lifecycle_event: name });
    expect(words(clone, program, script("mnist-webgpu", "cli"))).toBe("npm run train --");
    expect(words(clone, program, script("mnist-webgpu", "test"))).toBe("node dist/cli.js train");
    expect(words(clone, program, script("another", "cli"))).toBe("node dist/cli.js train");
    expect(words(clone, program)).toBe("node dist/cli.js train");
    expect(words(join(clone, "dist"), program)).toBe("node cli.js train");
    expect(words(join(clone, "docs"), program)).toBe(`node ${program} train`);
  });

  it("in a project are npx's, where npx finds it", () => {
    const project = root();
    writeFileSync(join(project, "package.json"), "{}");
    const program = join(project, ...installed);
    const script = { npm_package_name: "another", npm_lifecycle_event: "cli" };
    for (const folder of [project, join(project, "deep", "below")])
      expect(words(folder, program, script)).toBe("npx mnist-webgpu train");
    expect(words(root(), program)).toBe(`node ${program} train`);
  });

  it("for all users are its name", () => {
    expect(words(root(), join(root(), "lib", ...installed))).toBe("mnist-webgpu train");
  });

  it("by npx are npx's, with the packages that it was told to fetch", () => {
    const fetched = join(root(), "_npx", "0123");
    const program = join(fetched, ...installed);
    expect(words(root(), program)).toBe("npx mnist-webgpu train");
    mkdirSync(fetched, { recursive: true });
    const fetching = (...packages: string[]) => {
      writeFileSync(join(fetched, "package.json"), JSON.stringify({ _npx: { packages } }));
      return words(root(), program);
    };
    expect(fetching("mnist-webgpu@1.2.3")).toBe("npx mnist-webgpu@1.2.3 train");
    expect(fetching("a@1", "mnist-webgpu")).toBe(
      "npx --package=a@1 --package=mnist-webgpu mnist-webgpu train",
    );
  });

  it("name a script that there is, for every command", () => {
    const scripts = Object.entries(manifest.scripts).filter(([, script]) =>
      script.startsWith("npm run -s cli"),
    );
    expect(scripts.map(([name]) => name).sort()).toEqual(
      readdirSync(new URL("../../src/cli/commands", import.meta.url))
        .map((file) => file.replace(".ts", ""))
        .sort(),
    );
    for (const [name, script] of scripts) expect(script).toBe(`npm run -s cli -- ${name}`);
  });
});
