import { baseName } from "../../data/paths.ts";
import type { Gpu } from "../../gpu/gpu.ts";
import { type Dispatch, KernelCache, type KernelRecipe } from "../../gpu/kernel.ts";
import type { Memory } from "../../gpu/memory.ts";
import { shaderText } from "../../gpu/shader.ts";
import {
  constantsBinding,
  constantsData,
  type DifferingConstant,
  mapOverNetworks,
  overrideTypes,
} from "./map-networks.ts";

/** Every file of `shaders/` and its folders by its name alone, so that an include need not say where it lies. */
export const shaderFiles: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(
    import.meta.glob<string>("../../../shaders/**/*.wgsl", { query: "?raw", import: "default", eager: true }),
  ).map(([path, text]) => [baseName(path), text]),
);

/** One use of a kernel: which text, which constants, which buffers, how much of it. */
export interface KernelCall {
  /** The shader file's name without its ending, and its entry point. */
  readonly name: string;
  /** What fills the `{...}` holes of the shader's includes. */
  readonly variants?: Readonly<Record<string, string>>;
  /** The shader's overrides, but for WORKGROUP. */
  readonly constants: Readonly<Record<string, number>>;
  /** The shader's bindings by name. */
  readonly buffers: Readonly<Record<string, GPUBuffer>>;
  /** Invocations that have work to do. */
  readonly invocations: number;
  /** Invocations of a workgroup, for a kernel that needs a certain number; otherwise the library chooses. */
  readonly workgroup?: number;
  /**
   * Constants that are looked up when the kernel runs, whether or not networks differ in them: what a compiler knows it reckons with
   * beforehand, some of them with other roundings. Not given: those that differ alone.
   */
  readonly ofEachNetwork?: readonly string[];
  /** Over how many networks the kernel is mapped, and which of its constants they have of their own; not given: it is one's. */
  readonly mapped?: { readonly networks: number; readonly differing: readonly DifferingConstant[] };
}

/** The kernels, compiled for one device: compile what will be used, then bind it, any number of times. */
export class KernelLibrary {
  readonly stepLayout: GPUBindGroupLayout;
  readonly #cache: KernelCache;
  readonly #workgroup: number;

  constructor(gpu: Gpu) {
    this.#cache = new KernelCache(gpu.device);
    this.stepLayout = this.#cache.stepLayout;
    // Software adapters hand whole workgroups to their threads and run a subgroup at a time: SwiftShader four invocations,
    // lavapipe eight. Workgroups as small spread the work; smaller ones would leave lanes idle. A GPU wants a full subgroup or two.
    this.#workgroup = gpu.software ? gpu.subgroupMinSize : 64;
  }

  /** Compiles what `calls` need, each recipe once, in parallel. Throws with line and source if one is wrong. */
  async compile(calls: readonly KernelCall[]): Promise<void> {
    await Promise.all(calls.map((call) => this.#cache.compile(this.#recipe(call))));
  }

  /** A command that can be encoded again and again. Its kernel must have been compiled. */
  bind(call: KernelCall): Dispatch {
    const kernel = this.#cache.compiled(this.#recipe(call));
    const workgroups = Math.ceil(call.invocations / this.#workgroupOf(call));
    return kernel.dispatch(call.buffers, workgroups, call.mapped?.networks);
  }

  /**
   * One call that computes what `calls` do, one for each network of `memory`: they are alike but for constants.
   * @throws Error if they are not
   */
  mapOver(memory: Memory, calls: readonly KernelCall[]): KernelCall {
    const [call] = calls;
    const { networks } = memory;
    if (calls.length !== networks || calls.some((each) => !isAlike(each, call)))
      throw new Error(`${call.name}: the calls of ${networks} networks differ in more than constants`);
    const { ofEachNetwork = [] } = call;
    if (networks === 1 && ofEachNetwork.length === 0) return call;
    const differ = (name: string) =>
      ofEachNetwork.includes(name) || calls.some(({ constants }) => constants[name] !== call.constants[name]);
    const names = Object.keys(call.constants).filter(differ);
    const types = names.length > 0 ? overrideTypes(shaderText(shaderFiles, call.name, call.variants)) : {};
    const differing = names.map((name) => ({ name, type: types[name] }));
    return { ...call, ...this.#differing(memory, calls, differing), mapped: { networks, differing } };
  }

  /** What becomes of the constants and buffers of `calls` if constants `differing` are put into a buffer. */
  #differing(memory: Memory, calls: readonly KernelCall[], differing: readonly DifferingConstant[]) {
    const [{ name, constants, buffers }] = calls;
    if (differing.length === 0) return {};
    const names = differing.map((constant) => constant.name);
    const values = constantsData(
      differing,
      calls.map((call) => call.constants),
    );
    const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
    const buffer = memory.buffer(`constants of ${name}`, values.byteLength, usage);
    memory.device.queue.writeBuffer(buffer, 0, values);
    return {
      constants: Object.fromEntries(Object.entries(constants).filter(([each]) => !names.includes(each))),
      buffers: { ...buffers, [constantsBinding]: buffer },
    };
  }

  #workgroupOf({ workgroup }: KernelCall): number {
    return workgroup ?? this.#workgroup;
  }

  #recipe(call: KernelCall): KernelRecipe {
    const { name, variants, constants, mapped } = call;
    const wgsl = shaderText(shaderFiles, name, variants);
    return {
      name,
      wgsl: mapped ? mapOverNetworks(wgsl, name, mapped.networks, mapped.differing) : wgsl,
      constants: { ...constants, WORKGROUP: this.#workgroupOf(call) },
    };
  }
}

/** Whether two calls are of the same text, on the same buffers and of the same size. */
function isAlike(a: KernelCall, b: KernelCall): boolean {
  const shape = ({ name, variants, constants, invocations, workgroup }: KernelCall) =>
    JSON.stringify([name, variants, Object.keys(constants), invocations, workgroup]);
  const names = Object.keys(a.buffers);
  return (
    shape(a) === shape(b) &&
    names.length === Object.keys(b.buffers).length &&
    names.every((name) => a.buffers[name] === b.buffers[name])
  );
}
