import { UserError } from "../errors.ts";
import type { Gpu } from "../gpu/gpu.ts";

/**
 * The forms in which the expensive kernels exist. Each computes the same and is checked against the same reference:
 * - `portable`: one small register tile an invocation; right everywhere, the one to read first;
 * - `unrolled`: large register tiles in unrolled text, for software adapters, where a load costs as much as ten
 *   multiply-adds and occupancy nothing; they need the feature `subgroups`;
 * - `tiled`: tiles in workgroup memory, for GPUs, where it is the other way round.
 */
export const kernelForms = ["portable", "unrolled", "tiled"] as const;

export type KernelForm = (typeof kernelForms)[number];

/** Whether `gpu` can run the kernels of `form`: the unrolled ones add up what a quad has in registers. */
export function supportsForm({ device }: Pick<Gpu, "device">, form: KernelForm): boolean {
  return form !== "unrolled" || device.features.has("subgroups");
}

/**
 * The form that suits `gpu`, unless one is asked for.
 * @throws UserError if the one that is asked for cannot run there
 */
export function chooseForm(gpu: Gpu, wanted: KernelForm | "auto" = "auto"): KernelForm {
  if (wanted === "auto") {
    if (!gpu.software) return "tiled";
    return supportsForm(gpu, "unrolled") ? "unrolled" : "portable";
  }
  if (supportsForm(gpu, wanted)) return wanted;
  throw new UserError(
    `The ${wanted} kernels need the WebGPU feature "subgroups", which ${gpu.name} does not have. ` +
      "Use portable or tiled ones, or leave the choice to the program (auto).",
  );
}
