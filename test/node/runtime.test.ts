import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { UserError } from "../../src/errors.ts";
import { installCommand } from "../../src/node/packages.ts";
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

describe("what is missing is installed", () => {
  const root = () => {
    const folder = mkdtempSync(join(tmpdir(), "mnist-webgpu-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    return folder;
  };
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
