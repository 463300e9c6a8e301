/*
 * Kernels are written for one network. Several networks of one shape are computed by the same texts, mapped over them as JAX's
 * `vmap` maps a function: one dispatch computes all, a layer of its grid each.
 */

/** What all networks share; of every other buffer each has a part, part behind part. */
const sharedBuffers = ["images", "labels", "steps"];

/** What of a step is the same for all networks: they go through their own orders in step with each other. */
const sharedOfStep = ["first", "size", "number"];

/** The binding of the constants that differ. */
export const constantsBinding = "constants";

/** A constant that networks have different values of. */
export interface DifferingConstant {
  readonly name: string;
  readonly type: "f32" | "u32" | "bool";
}

/**
 * The text of kernel `name` for `networks` of them:
 *   - `buffer[i]` is element i of the part of the network at hand;
 *   - the uniform has a `Step` for each network, of which `first`, `size` and `number` agree, so that control flow that depends
 *     on them stays uniform;
 *   - overrides named in `differing` become the network's own entries in a uniform `constants`.
 * One network's text is what it was.
 */
export function mapOverNetworks(
  wgsl: string,
  name: string,
  networks: number,
  differing: readonly DifferingConstant[] = [],
): string {
  if (networks === 1) return wgsl;
  const buffers = [...wgsl.matchAll(/^@group.* var<storage, \w+> (\w+):/gm)]
    .map(([, buffer]) => buffer)
    .filter((buffer) => !sharedBuffers.includes(buffer));
  const parts = buffers.map((buffer) => `var<private> part_of_${buffer}: u32;`);
  const begin = [
    "  network = group_id.z;",
    ...buffers.map((buffer) => `  part_of_${buffer} = network * (arrayLength(&${buffer}) / NETWORKS);`),
  ];
  const mapped = withConstants(wgsl, differing)
    .replace(/^(@group.* var<uniform> current): Step;/m, "$1: array<Step, NETWORKS>;")
    .replace(/\bcurrent\.(\w+)/g, (_, field: string) =>
      sharedOfStep.includes(field) ? `current[0].${field}` : `current[network].${field}`,
    )
    .replace(
      new RegExp(`(?<![.\\w])(${buffers.join("|")})\\[`, "g"),
      (_, buffer: string) => `${buffer}[part_of_${buffer} + `,
    )
    .replace(new RegExp(`^fn ${name}\\([^{]*\\{`, "m"), (opening) => [opening, ...begin].join("\n"));
  return [
    // All of a workgroup have the same network, but compilers take private variables for different ones.
    ...(wgsl.includes("enable subgroups;") ? ["diagnostic(off, subgroup_uniformity);"] : []),
    mapped,
    `const NETWORKS = ${networks}u;`,
    "var<private> network: u32;",
    ...parts,
    ...constantsText(differing, wgsl),
  ].join("\n");
}

/** The overrides of `wgsl` with their types. */
export function overrideTypes(wgsl: string): Readonly<Record<string, DifferingConstant["type"]>> {
  const found = [...wgsl.matchAll(/^override (\w+): (f32|u32|bool);/gm)];
  return Object.fromEntries(found.map(([, name, type]) => [name, type as DifferingConstant["type"]]));
}

/** Words of a network's entry in `constants`: elements of a uniform array lie 16 bytes apart, or a multiple. */
export function constantsWords(differing: readonly DifferingConstant[]): number {
  return Math.ceil(differing.length / 4) * 4;
}

/** What `constants` holds: an entry for each network, in the order of `differing`. */
export function constantsData(
  differing: readonly DifferingConstant[],
  values: readonly Readonly<Record<string, number>>[],
): ArrayBuffer {
  const words = constantsWords(differing);
  const data = new DataView(new ArrayBuffer(values.length * words * 4));
  values.forEach((own, network) => {
    differing.forEach(({ name, type }, index) => {
      const at = (network * words + index) * 4;
      if (type === "f32") data.setFloat32(at, own[name], true);
      else data.setUint32(at, own[name], true);
    });
  });
  return data.buffer;
}

/** Takes the overrides out, and reads the network's own values where they were. */
function withConstants(wgsl: string, differing: readonly DifferingConstant[]): string {
  return differing.reduce((text, { name, type }) => {
    const own = `${constantsBinding}[network].${name}`;
    return text
      .replace(new RegExp(`^override ${name}:[^\\n]*$`, "m"), "")
      .replace(new RegExp(`\\b${name}\\b`, "g"), type === "bool" ? `(${own} != 0)` : own);
  }, wgsl);
}

function constantsText(differing: readonly DifferingConstant[], wgsl: string): string[] {
  if (differing.length === 0) return [];
  const binding = (wgsl.match(/^@group\(0\)/gm) ?? []).length;
  const members = differing.map(
    ({ name, type }, index) =>
      `  ${index === 0 ? "@align(16) " : ""}${name}: ${type === "bool" ? "u32" : type},`,
  );
  return [
    "struct Constants {",
    ...members,
    "}",
    `@group(0) @binding(${binding}) var<uniform> ${constantsBinding}: array<Constants, NETWORKS>;`,
  ];
}
