import { UserError } from "../errors.ts";
import type { Gpu } from "../gpu/gpu.ts";
import { type LayerForm, supports } from "./layer.ts";
import { portable } from "./portable.ts";
import { tiled } from "./tiled/tiled.ts";
import { unrolled } from "./unrolled/unrolled.ts";

/** The forms by the names that users give them. */
export const forms = { portable, unrolled, tiled } as const satisfies Readonly<Record<string, LayerForm>>;

export type FormName = keyof typeof forms;

/**
 * The form that suits `gpu`, unless one is asked for.
 * @throws UserError if the one that is asked for cannot run there
 */
export function chooseForm(gpu: Gpu, wanted: FormName | "auto" = "auto"): LayerForm {
  if (wanted === "auto") {
    if (!gpu.software) return tiled;
    return supports(gpu, unrolled) ? unrolled : portable;
  }
  const form = forms[wanted];
  if (supports(gpu, form)) return form;
  throw new UserError(
    `The ${wanted} kernels need the WebGPU feature "subgroups", which ${gpu.name} does not have. ` +
      "Use portable or tiled ones, or leave the choice to the program (auto).",
  );
}
