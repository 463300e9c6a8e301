import { setTitles } from "../data/set-names.ts";
import { UserError } from "../errors.ts";
import { DeviceLostError, OutOfMemoryError } from "../gpu/gpu.ts";
import type { Config } from "../model/settings.ts";
import { NoGpuError, type NoGpuReason } from "./device.ts";
import { button, byId, element, keepingFocus } from "./dom.ts";
import { DataError } from "./network-maker.ts";
import { withLabels } from "./toasts.ts";
import { pageDefaults, queryOf } from "./url.ts";

/** Why the page cannot go on, what to do about it, and buttons that do it. */
interface Screen {
  readonly title: string;
  /** Beside what the error itself says. */
  readonly advice: readonly string[];
  readonly choices: readonly Choice[];
}

export interface Choice {
  readonly label: string;
  readonly act: () => void;
}

const noGpu: Readonly<Record<NoGpuReason, Pick<Screen, "title" | "advice">>> = {
  insecure: {
    title: "This page needs a secure connection",
    advice: [
      "Browsers offer WebGPU only to pages that come over https, or from this very computer as http://localhost.",
      "Open the same page with https:// in front of its address.",
    ],
  },
  unsupported: {
    title: "This browser has no WebGPU",
    advice: [
      "Training here is computed by WebGPU shaders. Chrome and Edge have it from version 113 on (on Linux from 144 on, " +
        "for some GPUs), Safari from version 26 on, Firefox from version 141 on Windows and 145 on macOS.",
      "Update the browser, or open this page in another one.",
    ],
  },
  "no-adapter": {
    title: "The browser found no GPU",
    advice: [
      "Switch on graphics or hardware acceleration in the browser's settings, update the graphics driver, and restart " +
        "the browser. Chrome lists what it disables and why under chrome://gpu, Firefox under about:support.",
    ],
  },
};

/** Loads the page anew with these settings, at the station of the lesson that its address names. */
function reopen(config: Config): void {
  const query = queryOf(config);
  // Going to an address that is the same before its # loads nothing.
  if (query === location.search) location.reload();
  else location.assign(query + location.hash);
}

/** Shows the screen for an error that keeps the page from starting. */
export function showStartFailure(error: unknown, config: Config): void {
  const reload: Choice = { label: "Try again", act: () => location.reload() };
  const go = (changes: Partial<Config>) => () => reopen({ ...config, ...changes });
  if (error instanceof NoGpuError) {
    const choices = [{ label: "Train on the CPU instead", act: go({ backend: "cpu" }) }, reload];
    showScreen(error, { ...noGpu[error.reason], choices });
  } else if (error instanceof DataError) {
    const digits = { label: "Use the built-in digits", act: go({ dataset: "synthetic" }) };
    const name = config.dataset === "auto" || config.dataset === "synthetic" ? "mnist" : config.dataset;
    const title = setTitles[name];
    const advice = [`The link asks for ${title}, whose files this page fetches from data/${name} beside it.`];
    showScreen(error, { title: `${title} cannot be loaded`, advice, choices: [digits, reload] });
  } else if (error instanceof OutOfMemoryError) {
    const smaller = { label: "Start with the default network", act: go(pageDefaults) };
    showScreen(error, { title: "The GPU is out of memory", advice: [], choices: [smaller, reload] });
  } else {
    const fresh = { label: "Start with the default settings", act: go(pageDefaults) };
    showScreen(error, {
      title: "This page could not start",
      advice: ["Reloading it may help."],
      choices: [reload, fresh],
    });
  }
}

/**
 * Shows the screen for a device that failed while the page was running.
 * @param goOn tries to go on with another device
 */
export function showDeviceFailure(error: unknown, goOn: () => void): void {
  const again: Choice = { label: "Go on from the last weights", act: goOn };
  const anew: Choice = {
    label: "Start with the default network",
    act: () => reopen(pageDefaults),
  };
  if (error instanceof OutOfMemoryError) {
    const advice = [
      "Other pages and programs use the same memory: closing some may help. The weights are kept.",
    ];
    showScreen(error, { title: "The GPU is out of memory", advice, choices: [again, anew] });
  } else if (error instanceof NoGpuError || error instanceof DeviceLostError) {
    const advice = ["The driver may have been reset, or the GPU unplugged. The last weights are kept."];
    showScreen(error, { title: "The GPU is gone", advice, choices: [again, anew] });
  } else {
    const isOurs = !(error instanceof UserError);
    const advice = [`${isOurs ? "This is a mistake in this page. " : ""}The last weights are kept.`];
    showScreen(error, { title: "Training cannot go on", advice, choices: [again, anew] });
  }
}

function showScreen(error: unknown, { title, advice, choices }: Screen): void {
  const screen = byId("screen");
  const heading = element("h2", { tabindex: "-1" }, title);
  screen.replaceChildren(
    heading,
    element("p", { class: "reason" }, withLabels(error instanceof Error ? error.message : String(error))),
    ...advice.map((text) => element("p", {}, text)),
    element(
      "div",
      { class: "choices" },
      ...choices.map(({ label, act }, index) => button(label, act, index === 0 ? { class: "primary" } : {})),
    ),
  );
  screen.hidden = false;
  byId("page").hidden = true;
  byId("progress").hidden = true;
  heading.focus();
}

/** Shows the page itself again. */
export function hideScreen(): void {
  keepingFocus(() => {
    byId("screen").hidden = true;
    byId("page").hidden = false;
  });
}
