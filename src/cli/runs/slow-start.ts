import type { CompileTime } from "../../training/compile-time.ts";
import type { Observer } from "./observer.ts";

/** How long nothing may seem to happen without a word, and then without another one, in ms. */
const patienceMs = 3000;
const againMs = 15_000;

/**
 * Says why nothing seems to happen, where kernels are compiled at their first use, for up to minutes: as often as needed while
 * `underWay` tells of some.
 */
export function slowStart(notice: (line: string) => void, compileTime: Pick<CompileTime, "underWay">) {
  let told = false;
  const look = () => {
    const { underWay } = compileTime;
    if (underWay) {
      const reason = told
        ? ""
        : ": this adapter does so at their first use, and no figure of speed has it in it";
      notice(`Compiling kernels, ${underWay.ready} of ${underWay.kernels} are ready${reason}.`);
      told = true;
    }
    timer = setTimeout(look, underWay ? againMs : patienceMs);
  };
  let timer = setTimeout(look, patienceMs);
  return { handle() {}, stop: () => clearTimeout(timer) } satisfies Observer;
}
