import { className, type Dataset, firstImages } from "../../data/dataset.ts";
import type { Config } from "../../model/settings.ts";
import { augmentedSamples, changesSamples } from "../../training/augmented-samples.ts";
import { digitPicture, roomFor } from "./digits.ts";
import { type Html, html } from "./html.ts";

/** Digits that are shown. */
const most = 12;

/** Some training digits, plain or as training changes them, which a switch decides; nothing if it does not. */
export function augmentedSamplesSection(
  { train, classNames }: Pick<Dataset, "train" | "classNames">,
  config: Config,
): Html | undefined {
  if (!changesSamples(config)) return undefined;
  const plain = firstImages(train, Math.min(most, roomFor(train)));
  const changed = augmentedSamples(plain, config, { number: 1 });
  const tiles = Array.from(plain.labels, (label, index) => {
    const title = className(classNames, label);
    const name = `Training image ${index}, labelled ${title}`;
    return html`<li>${digitPicture(plain, index, name, "plain")}
${digitPicture(changed, index, `${name}, augmented`, "changed")}<span class="caption">${title}</span></li>`;
  });
  return html`<section>
<h2>Training digits</h2>
<p class="note">The first ${plain.count} training images. Training deskewed, moved, bent or thinned them out as the settings
say, anew in every step; this is one such draw.</p>
<input type="checkbox" id="as-augmented" checked><label for="as-augmented">as augmented</label>
<ul class="tiles">${tiles}</ul>
</section>`;
}
