import { createHash } from "node:crypto";
import { usedImages } from "../../data/dataset.ts";
import { parameterCount, sizesOf } from "../../model/parameters.ts";
import { type Config, formatSetting, settingNames, settings, usualValue } from "../../model/settings.ts";
import { duration, grouped, rate } from "../format.ts";
import type { EndRecord } from "../runs/records.ts";
import { accuracyText, lossText } from "./figures.ts";
import { Html, html } from "./html.ts";
import type { ReportData } from "./report-data.ts";
import { style as reportStyle } from "./style.ts";

/**
 * A whole HTML document: no script, and nothing that it would have to load.
 * @param style its style sheet
 */
export function page(title: string, content: Html, style = reportStyle): string {
  const hash = createHash("sha256").update(style).digest("base64");
  const policy = `default-src 'none'; img-src data:; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
${new Html(`<style>${style}</style>`)}
</head>
<body>
<main>${content}</main>
</body>
</html>
`.text;
}

/** What was trained on what, how it ended, and the figures of the result. */
export function header({ name, dataset, epochs, end }: ReportData): Html {
  const last = epochs.at(-1);
  const figures: [string, string][] = [
    ["Test accuracy", accuracyText(end.test.accuracy)],
    ["Test loss", lossText(end.test.loss)],
  ];
  if (end.best) {
    figures.push([`Validation accuracy, epoch ${grouped(end.best.epoch)}`, accuracyText(end.best.accuracy)]);
  }
  if (last) {
    const where = `epoch ${grouped(last.epoch)}`;
    figures.push([`Training accuracy, ${where}`, accuracyText(last.accuracy)]);
    figures.push([`Training loss, ${where}`, lossText(last.loss)]);
  }
  return html`<header>
${name === end.network ? undefined : html`<p class="name">${name}</p>`}
<h1>${end.network} on ${dataset.name}</h1>
<p class="ending ${end.reason}">${ending(end)}</p>
${headline(figures)}
</header>`;
}

/** The figures that a page is about, each with its name. */
export function headline(figures: readonly (readonly [string, string])[]): Html {
  return html`<dl class="headline">${figures.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function ending({ reason, steps, seconds }: EndRecord): string {
  const count = `${grouped(steps)} step${steps === 1 ? "" : "s"}`;
  const speed = steps > 0 && seconds > 0 ? `, ${rate(steps / seconds)}` : "";
  const time = `${duration(seconds)}${speed}`;
  switch (reason) {
    case "finished":
      return `Finished ${count} in ${time}.`;
    case "stopped early":
      return `Stopped early, after ${count} in ${time}: the validation images were no longer read better.`;
    case "halved":
      return `Stopped by its sweep after ${count} in ${time}: it was among the worse half of the networks then.`;
    case "interrupted":
      return `Interrupted after ${count} in ${time}. The figures are those of the weights trained until then.`;
    case "diverged":
      return (
        `Diverged: the loss ceased to be finite at step ${grouped(steps)} after ${time}. ` +
        "The figures are those of the weights that were kept, from before."
      );
  }
}

/** The facts of the run and all of its settings. */
export function factsSection({ config, parameters, dataset, device, program }: ReportData): Html {
  const { train, test, classes } = dataset;
  const trained = usedImages(config.limit, train.count);
  const facts: [string, string][] = [
    ["Data", `${dataset.name}, ${dataset.origin}`],
    ["Training images", grouped(trained) + (trained < train.count ? ` of ${grouped(train.count)}` : "")],
    ...(config.validation > 0
      ? ([["Validation images", grouped(config.validation)]] as [string, string][])
      : []),
    ["Test images", grouped(test.count)],
    ["Image size", `${test.rows} × ${test.columns}, ${classes} classes`],
    ["Parameters", grouped(parameterCount(sizesOf(parameters)))],
    ["Adapter", device],
    ["Program", program],
  ];
  return html`<section>
<h2>Run</h2>
<dl class="facts">${facts.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>
</section>
<section>
<h2>Settings</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Settings"><table class="settings">
<thead><tr><th scope="col">Setting</th><th scope="col">Value</th><th scope="col">Meaning</th></tr></thead>
<tbody>${settingNames.map((name) => settingRow(name, config))}</tbody></table></div>
</section>`;
}

function settingRow(name: keyof Config, config: Config): Html {
  const value = formatSetting(name, config[name]);
  const usual = formatSetting(name, usualValue(name, config));
  return html`<tr><th scope="row">${settings[name].label}</th>
<td>${value}${value === usual ? undefined : html` <span class="usual">default ${usual}</span>`}</td>
<td>${settings[name].help}</td></tr>`;
}
