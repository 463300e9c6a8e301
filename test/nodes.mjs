import { spawnSync } from "node:child_process";
import { delimiter, dirname } from "node:path";

/*
 * Runs the tests that need no browser under every line of Node that is supported: the oldest release, and the newest ones
 * of those that are maintained. npm carries Node as packages, which are fetched when this is run: 100 MB each. Arguments
 * go to Vitest: `npm run test:nodes -- test/node`.
 */

const versions = ["20.19", "22", "24"];
const systems = { linux: "node-linux", darwin: "node-bin-darwin", win32: "node-win" };

const outcomes = versions.map((version) => {
  const program = fetchNode(version);
  process.stdout.write(`\nNode ${version}: ${program}\n`);
  const { status } = spawnSync(
    program,
    ["node_modules/vitest/vitest.mjs", "run", "--exclude", "test/app/**", ...process.argv.slice(2)],
    { stdio: "inherit", env: { ...process.env, PATH: `${dirname(program)}${delimiter}${process.env.PATH}` } },
  );
  return { version, passed: status === 0 };
});
const lines = outcomes.map(({ version, passed }) => `Node ${version}: ${passed ? "passed" : "FAILED"}`);
process.stdout.write(`\n${lines.join("\n")}\n`);
process.exitCode = outcomes.every(({ passed }) => passed) ? 0 : 1;

/** The path of a Node of this version, which npm keeps in its cache. */
function fetchNode(version) {
  const name = `${systems[process.platform]}-${process.arch}@${version}`;
  const { status, stdout, stderr } = spawnSync(
    "npm",
    ["exec", "--yes", `--package=${name}`, "--", "node", "--print", "process.execPath"],
    { encoding: "utf8", shell: process.platform === "win32" },
  );
  if (status === 0) return stdout.trim();
  process.stderr.write(
    `error: Node ${version} could not be had: npm carries it as the package ${name}, and cannot fetch that ` +
      `(${stderr.trim().split("\n")[0]}). It needs the npm registry once.\n`,
  );
  process.exit(1);
}
