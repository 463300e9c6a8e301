import type { StepSettings } from "../../model/settings.ts";
import type { Engine } from "../engine/engine.ts";
import { engineOf } from "../engine/group-engine.ts";
import type { WebGpuGroupOptions } from "./placed-group.ts";
import { createWebGpuGroup } from "./webgpu-group.ts";

/** What an engine is made for, and on. */
export interface WebGpuEngineOptions extends Omit<WebGpuGroupOptions, "settings"> {
  /** What a training step does. */
  readonly settings: StepSettings;
}

/**
 * Makes an engine that computes with WGSL kernels: a group of one network, as `createWebGpuGroup` makes it.
 * @throws UserError as that does
 */
export async function createWebGpuEngine(options: WebGpuEngineOptions): Promise<Engine> {
  return engineOf(await createWebGpuGroup({ ...options, settings: [options.settings] }));
}
