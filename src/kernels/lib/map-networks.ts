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
 * What is the network's own is looked up once, where the kernel begins. One network's text is what it was, unless it has constants
 * that are to be looked up.
 */
export function mapOverNetworks(
  wgsl: string,
  name: string,
  networks: number,
  differing: readonly DifferingConstant[] = [],
): string {
  if (networks === 1 && differing.length === 0) return wgsl;
  const own: OwnVariable[] = [];
  const mapped = [mapOverrides(differing), mapStep, mapBuffers].reduce((text, map) => {
    const { wgsl: result, variables } = map(text);
    own.push(...variables);
    return result;
  }, wgsl);
  const begin = ["  let network = group_id.z;", ...own.map(({ name, value }) => `  ${name} = ${value};`)];
  return [
    mapped.replace(new RegExp(`^fn ${name}\\([^{]*\\{`, "m"), (opening) => [opening, ...begin].join("\n")),
    `const NETWORKS = ${networks}u;`,
    ...own.map(({ name, type }) => `var<private> ${name}: ${type};`),
    ...constantsText(differing, wgsl),
  ].join("\n");
}

/** What a kernel's functions know of the network at hand, and what it begins as. */
interface OwnVariable {
  readonly name: string;
  readonly type: string;
  readonly value: string;
}

/** Text in which something has become the network's own. */
interface Mapped {
  readonly wgsl: string;
  readonly variables: readonly OwnVariable[];
}

function mapOverrides(differing: readonly DifferingConstant[]): (wgsl: string) => Mapped {
  return (wgsl) => ({
    wgsl: differing.reduce(
      (text, { name }) => text.replace(new RegExp(`^override ${name}:[^\\n]*$`, "m"), ""),
      wgsl,
    ),
    variables: differing.map(({ name, type }) => {
      const value = `${constantsBinding}[network].${name}`;
      return { name, type, value: type === "bool" ? `${value} != 0` : value };
    }),
  });
}

function mapStep(wgsl: string): Mapped {
  const own = new Set<string>();
  const mapped = wgsl
    .replace(/^(@group.* var<uniform> current): Step;/m, "$1: array<Step, NETWORKS>;")
    .replace(/\bcurrent\.(\w+)/g, (_, field: string) => {
      if (sharedOfStep.includes(field)) return `current[0].${field}`;
      own.add(field);
      return `own_${field}`;
    });
  const variables = [...own].map((field) => ({
    name: `own_${field}`,
    type: field === "seed" ? "u32" : "f32",
    value: `current[network].${field}`,
  }));
  return { wgsl: mapped, variables };
}

function mapBuffers(wgsl: string): Mapped {
  const buffers = [...wgsl.matchAll(/^@group.* var<storage, \w+> (\w+):/gm)]
    .map(([, buffer]) => buffer)
    .filter((buffer) => !sharedBuffers.includes(buffer));
  const element = new RegExp(`(?<![.\\w])(${buffers.join("|")})\\[`, "g");
  return {
    wgsl: wgsl.replace(element, (opening, buffer: string) => `${opening}part_of_${buffer} + `),
    variables: buffers.map((buffer) => ({
      name: `part_of_${buffer}`,
      type: "u32",
      value: `network * (arrayLength(&${buffer}) / NETWORKS)`,
    })),
  };
}

/** The overrides of `wgsl` with their types. */
export function overrideTypes(wgsl: string): Readonly<Record<string, DifferingConstant["type"]>> {
  const found = [...wgsl.matchAll(/^override (\w+): (f32|u32|bool);/gm)];
  return Object.fromEntries(found.map(([, name, type]) => [name, type as DifferingConstant["type"]]));
}

/** Words of a network's entry in `constants`: elements of a uniform array lie 16 bytes apart, or a multiple. */
function constantsWords(differing: readonly DifferingConstant[]): number {
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
