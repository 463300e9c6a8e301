import { button, byId, element } from "../dom.ts";
import { paced } from "../frames.ts";
import type { Inside } from "../inside.ts";
import type { OwnActions } from "../own/own-controls.ts";
import { type Mix, type OwnDigit, ownSide } from "../own/own-digit.ts";
import { fits, type OwnDigits } from "../own/own-digits.ts";
import { OwnReading } from "../own/own-reading.ts";
import type { PanelActions } from "../panel/actions.ts";
import { themeChanged } from "../theme.ts";
import { announce, toast } from "../toasts.ts";
import type { Training } from "../training.ts";
import { digitImage } from "./digit-picture.ts";
import type { Pad } from "./pad.ts";

const shares = [0.01, 0.05, 0.1, 0.2, 0.5];
const usualShare = 0.1;
const size = { rows: ownSide, columns: ownSide };

/** Digits of one's own: drawn on the pad, labelled here, trained on with the others, and what the network reads them as. */
export function showOwnDigits(
  training: Training,
  inside: Inside,
  pad: Pad,
  own: OwnDigits,
  actions: OwnActions & Pick<PanelActions, "refuse">,
): void {
  const reading = new OwnReading(training, own);
  const section = byId("own");
  /** Whether there was room for them. */
  const fitIn = (digits: readonly OwnDigit[]): boolean => {
    try {
      own.add(digits);
      return true;
    } catch (error) {
      actions.refuse(error);
      return false;
    }
  };
  const add = (label: number) => {
    if (!inside.image || inside.origin !== undefined || !fitIn([{ image: inside.image.slice(), label }]))
      return;
    pad.clear();
    announce(`Added as ${label}: ${own.digits.length} of yours. Draw the next one.`);
  };
  const labels = labelButtons(add);
  const score = element("p", { class: "own-score" });
  const tiles = element("div", { class: "tiles own-tiles" });
  const mixed = element("p", { class: "hint", id: "own-mixed" });
  const share = element("select", { "aria-label": "Share of the training images", id: "own-share" });
  share.append(...shares.map((value) => element("option", { value: String(value) }, percent(value))));
  share.value = String(usualShare);
  const mixIn = () => {
    const { digits } = own;
    actions.trainWith({ digits, share: Number(share.value), rightBefore: reading.right() });
  };
  const use = element(
    "div",
    { class: "choice-row" },
    button("Train with mine", mixIn),
    element("label", {}, "as ", share, " of the training images"),
    button("Without mine", () => actions.trainWith(undefined), { id: "own-without" }),
  );
  const ofSome = [button("Export", actions.exportOwn), button("Remove all", () => removeAll(own, fitIn))];
  const keep = element("div", { class: "tools" }, button("Import", actions.importOwn), ...ofSome);
  section.append(
    element("p", { class: "hint" }, "Draw a digit on the pad, then say which it is:"),
    element("div", { class: "group own-labels", role: "group", "aria-label": "The drawing is a" }, ...labels),
    ...[score, tiles, use, mixed, keep],
  );

  const image = imagesOf();
  const draw = paced(() => {
    section.hidden = !fits(training.dataset);
    const drawn = inside.image !== undefined && inside.origin === undefined;
    // Not `disabled`: the one that was pressed has the focus.
    for (const each of labels) each.setAttribute("aria-disabled", String(!drawn));
    const { digits } = own;
    const { mix } = training;
    use.hidden = digits.length === 0 && !mix;
    byId("own-without").hidden = !mix;
    for (const each of ofSome) each.hidden = digits.length === 0;
    score.textContent = scoreText(reading, digits, mix);
    mixed.textContent = mix ? mixText(mix, training) : "";
    tiles.replaceChildren(
      ...digits.map((digit, index) => tile(digit, image(digit), reading.classes[index], own)),
    );
  });
  for (const signal of [own.changed, reading.changed, inside.imageChanged, training.replaced, themeChanged])
    signal.listen(draw);
  void own.loaded.then(draw);
  own.saveFailed.listen((error) =>
    toast(`Your digits stay on this page alone: ${error instanceof Error ? error.message : error}`, "error"),
  );
}

function labelButtons(add: (label: number) => void): HTMLElement[] {
  return Array.from({ length: 10 }, (_, label) =>
    button(String(label), () => add(label), { "aria-label": `The drawing is a ${label}` }),
  );
}

/** The images of digits, made once: tiles are made anew after each look at the weights. */
function imagesOf(): (digit: OwnDigit) => HTMLElement {
  let images = new WeakMap<OwnDigit, HTMLElement>();
  themeChanged.listen(() => {
    images = new WeakMap();
  });
  return (digit) => {
    const image = images.get(digit) ?? digitImage(digit.image, size);
    images.set(digit, image);
    return image;
  };
}

/** A drawn digit with what it is and what it is read as; pressing it takes it away. */
function tile(digit: OwnDigit, image: HTMLElement, answer: number | undefined, own: OwnDigits): HTMLElement {
  const right = answer === digit.label;
  const read = answer === undefined ? "" : right ? " ✓" : ` ✗ ${answer}`;
  const words = answer === undefined ? "" : right ? ", read right" : `, read as ${answer}`;
  const name = `Remove your ${digit.label}${words}`;
  const made = button("", () => own.remove([digit]), {
    class: `tile ${answer === undefined ? "" : right ? "is-right" : "is-wrong"}`,
    title: name,
    "aria-label": name,
  });
  const caption = element("span", { class: "caption", "aria-hidden": "true" }, `${digit.label}${read}`);
  made.append(image, caption);
  return made;
}

function scoreText(reading: OwnReading, digits: readonly OwnDigit[], mix: Mix | undefined): string {
  if (digits.length === 0) return "None of yours yet.";
  if (reading.classes.length === 0) return `${digits.length} of yours.`;
  const now = `It reads ${reading.right()} of your ${digits.length} right`;
  return mix ? `${now}; before it trained on them, ${mix.rightBefore} of ${mix.digits.length}.` : `${now}.`;
}

function mixText({ digits, share }: Mix, { dataset }: Training): string {
  const times = Math.max(1, Math.round((share * dataset.train.count) / digits.length));
  const each = times === 1 ? "" : `, each about ${times.toLocaleString("en")} times`;
  return `${percent(share)} of the training images are your ${digits.length}${each}.`;
}

function percent(share: number): string {
  return `${Math.round(100 * share)}%`;
}

/** Takes all digits away, and offers to bring them back until there is room for them. */
function removeAll(own: OwnDigits, fitIn: (digits: readonly OwnDigit[]) => boolean): void {
  const { digits } = own;
  own.remove(digits);
  const offer = () =>
    toast(`Your ${digits.length} digits are removed.`, "info", {
      choices: [{ label: "Bring back", act: () => fitIn(digits) || offer() }],
    });
  offer();
}
