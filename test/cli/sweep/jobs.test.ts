import { spawnSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { setUpCli } from "../../helpers/cli.ts";
import { builtOnce } from "../../helpers/products.ts";

const cli = setUpCli();
const docs = new URL("../../../docs/sweeps/", import.meta.url);

/** What runs task `task` of two, in the folder of the test. */
type Job = (task: number) => Promise<{ readonly script: string; readonly variables: NodeJS.ProcessEnv }>;

const slurm: Job = async (task) => ({
  script: await readFile(new URL("slurm.sh", docs), "utf8"),
  variables: { SLURM_ARRAY_TASK_ID: String(task), SLURM_ARRAY_TASK_COUNT: "2" },
});

const kubernetes: Job = async (task) => {
  const manifest = await readFile(new URL("kubernetes.yaml", docs), "utf8");
  const [, script] = /- \|\n(.*?)\n {10}resources:/s.exec(manifest)!;
  return {
    script: `set -eu\n${script!.replace("/sweep/part-", "sweep/part-").replace("/5", "/2")}`,
    variables: { JOB_COMPLETION_INDEX: String(task - 1) },
  };
};

/** A `mnist-webgpu` that sweeps two small networks, of which the second diverges, whatever settings are named. */
async function smallProgram(): Promise<string> {
  const [, data] = await cli.data();
  const program = `"${process.execPath}" "${join(await builtOnce("cli"), "cli.js")}" sweep --data ${data}`;
  const settings =
    "--backend cpu --batch-size 7 --hidden none --weight-decay 3 --epochs 20 --learning-rate 0.1,900";
  const folder = cli.path("bin");
  await mkdir(folder);
  await writeFile(
    join(folder, "mnist-webgpu"),
    [
      "#!/bin/sh",
      // What comes before is `sweep`; the settings come before `--shard i/n --out folder`.
      `shift; if [ "$1" = --resume ]; then exec ${program} "$@"; fi`,
      `shift $(($# - 4)); exec ${program} ${settings} "$@"`,
    ].join("\n"),
    { mode: 0o755 },
  );
  return folder;
}

it.each([
  ["slurm.sh", slurm],
  ["kubernetes.yaml", kubernetes],
])("%s can be started again when its part is done, also where all of it diverged", async (_, job) => {
  const folder = await smallProgram();
  const run = async (task: number) => {
    const { script, variables } = await job(task);
    const env = { ...process.env, ...variables, PATH: `${folder}:${process.env.PATH}` };
    const { status, stdout, stderr } = spawnSync("sh", {
      cwd: cli.path(),
      input: script,
      env,
      encoding: "utf8",
    });
    return { status, stdout, stderr };
  };
  const diverged = "The one network of this part diverged. sweep --merge says what came of the others.\n";
  for (const [task, stderr] of [
    [1, ""],
    [2, diverged],
  ] as const) {
    expect(await run(task)).toMatchObject({ status: 0, stderr });
    const stdout = expect.stringMatching(
      /^sweep\/part-\d: the sweep is finished: there is nothing to go on with\.\n$/,
    );
    expect(await run(task)).toEqual({ status: 0, stdout, stderr });
  }
  const parts = (await cli.files()).flatMap((file) => /^(.*)\/sweep\.json$/.exec(file)?.[1] ?? []);
  expect(parts).toHaveLength(2);
  const merged = await cli.run("sweep", "--merge", ...parts, "--data=data", "--out=all");
  expect([merged.code, merged.stderr]).toEqual([0, ""]);
  expect(merged.stdout).toContain("Best: network 1, --learning-rate=0.1.");
});
