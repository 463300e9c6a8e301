import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "vite";

// Installs the peers, unless what is installed is what the lock file asks for, and bundles the benchmark into dist/.

const here = fileURLToPath(new URL(".", import.meta.url));

if (!isInstalled()) {
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const { status } = spawnSync(npm, ["ci"], {
    cwd: here,
    stdio: ["ignore", 2, 2],
    shell: npm.endsWith(".cmd"),
  });
  if (status !== 0) {
    process.stderr.write(
      "error: The peers could not be installed: `npm ci` in bench/ failed, what it said stands above. It needs the npm " +
        "registry once; run `npm run bench` again when that can be reached.\n",
    );
    process.exit(1);
  }
}
await build({ configFile: `${here}vite.config.ts` });

/** Whether node_modules has the versions of the lock file: npm leaves a copy of it there. */
function isInstalled() {
  const copy = `${here}node_modules/.package-lock.json`;
  if (!existsSync(copy)) return false;
  const packages = (path) => {
    const { packages } = JSON.parse(readFileSync(path, "utf8"));
    const named = Object.entries(packages).filter(([name]) => name !== "");
    return JSON.stringify(named.map(([name, { version }]) => [name, version]).sort());
  };
  return packages(copy) === packages(`${here}package-lock.json`);
}
