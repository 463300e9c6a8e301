import type { Config } from "../../../model/settings.ts";
import { button, byId, element, keepingFocus } from "../../dom.ts";
import { StepScene } from "../../network/step-scene.ts";
import type { Unit } from "../../network/units.ts";
import type { ShownStep } from "../../shown-step.ts";
import { themeChanged } from "../../theme.ts";
import type { Training } from "../../training.ts";
import { shownClass } from "../class-name.ts";
import { bytesOf, drawDigit } from "../digit-picture.ts";
import { CodePanes, formulaCard } from "./formula-card.ts";
import { formulaOf } from "./formula-in-force.ts";
import type { StageView } from "./stage-view.ts";
import { type Stage, type StageKey, stagesOf } from "./stages.ts";
import { Stepper } from "./stepper.ts";

/** One training step, slowly: stage by stage, for a sample of the mini-batch that a person chooses. */
export class StepStory {
  readonly #training: Training;
  readonly #section = byId("step-story");
  readonly #empty: HTMLElement;
  readonly #title = element("p", { class: "story-title" });
  readonly #stepper = new Stepper(this.#section, (stage) => this.go(stage));
  readonly #sample = element("div", { class: "story-sample" });
  readonly #heading = element("h3", {});
  readonly #words = element("p", { class: "story-words", "aria-live": "polite" });
  readonly #drawing = element("div", { class: "story-drawing" });
  readonly #formulas = element("div", { class: "story-formulas" });
  readonly #code = new CodePanes();
  readonly #body: HTMLElement;
  #shown: { readonly step: ShownStep; readonly config: Config } | undefined;
  #stages: Stage[] = [];
  #stage = 0;
  #sampleIndex = 0;
  #unit: Unit = { layer: 0, unit: 0 };

  /** @param take trains one step */
  constructor(training: Training, take: () => void) {
    this.#training = training;
    this.#empty = element(
      "p",
      { class: "hint story-empty" },
      "A step is what training is made of: a mini-batch of images, a guess for each, the error, who is to blame for it, and " +
        "a small change of every weight. Here one is shown with all of its numbers. ",
      button("Take a step", take),
    );
    const main = element("div", { class: "story-main" }, this.#heading, this.#words, this.#drawing);
    const stage = element("div", { class: "story-stage" }, this.#sample, main, this.#formulas);
    const head = element("div", { class: "story-head" }, this.#title, this.#stepper.controls);
    this.#body = element("div", { hidden: "" }, head, this.#stepper.list, stage, this.#code.node);
    this.#section.append(this.#empty, this.#body);
    training.stepShown.listen((step) => this.show(step));
    training.replaced.listen(() => this.#forget());
    themeChanged.listen(() => this.#draw());
  }

  /** Shows a step from its first stage on. */
  show(step: ShownStep): void {
    this.#shown = { step, config: { ...this.#training.config } };
    this.#stages = stagesOf(step.inspection.layers.length - 1);
    this.#stepper.titles = this.#stages.map(({ title }) => title);
    const { losses } = step.backward;
    this.#sampleIndex = losses.indexOf(Math.max(...losses));
    const scene = this.#scene!;
    const gradients = scene.dz(0).map(Math.abs);
    this.#unit = { layer: 0, unit: gradients.indexOf(Math.max(...gradients)) };
    this.#showBody(true);
    this.go(0);
    // Who presses Step at the top must see that something came of it.
    if (this.#section.getBoundingClientRect().top > innerHeight * 0.8)
      this.#section.scrollIntoView({ block: "start" });
  }

  /** Shows the stage of this number, from 0; the last one if there are fewer. */
  go(stage: number): void {
    this.#stage = Math.max(0, Math.min(stage, this.#stages.length - 1));
    this.#stepper.at = this.#stage;
    this.#draw();
  }

  /** Whether there is a step of the network on the page to be shown. */
  get hasStep(): boolean {
    return this.#shown !== undefined;
  }

  /** Shows the first stage of this kind, if there is one. */
  open(key: StageKey): void {
    const stage = this.#stages.findIndex((each) => each.key === key);
    if (stage >= 0) this.go(stage);
  }

  get #scene(): StepScene | undefined {
    return this.#shown && new StepScene(this.#shown.step, this.#shown.config, this.#sampleIndex);
  }

  #forget(): void {
    this.#shown = undefined;
    this.#stepper.pause();
    this.#showBody(false);
  }

  #showBody(shown: boolean): void {
    keepingFocus(() => {
      this.#empty.hidden = shown;
      this.#body.hidden = !shown;
    });
  }

  #draw(): void {
    const scene = this.#scene;
    if (!scene) return;
    const stage = this.#stages[this.#stage];
    const view = this.#view();
    const { number, learningRate } = scene.step;
    this.#title.textContent = `Step ${number}, ${scene.count} ${scene.count === 1 ? "image" : "images"}, learning rate ${Number(learningRate.toPrecision(4))}`;
    this.#heading.textContent = stage.title;
    this.#words.replaceChildren(...stage.words(scene, view));
    keepingFocus(() => this.#drawing.replaceChildren(...stage.draw(scene, view)));
    this.#drawSample(scene, view);
    const formulas = stage.formulas.map((name) => formulaOf(name, scene.config));
    const { inputs, outputs } = scene.step.inspection.parameters[stage.layer];
    const sizes = { batch: scene.count, inputs, outputs };
    this.#formulas.replaceChildren(...formulas.map((formula) => formulaCard(formula, sizes)));
    this.#code.show(formulas);
  }

  /** The sample that is followed. */
  #drawSample(scene: StepScene, { classes, rows, columns }: StageView): void {
    const canvas = element("canvas", {
      class: "digit",
      role: "img",
      "aria-label": "The image that is followed",
    });
    drawDigit(canvas, bytesOf(scene.image()), { rows, columns });
    const isRight = scene.read === scene.label;
    this.#sample.replaceChildren(
      canvas,
      element(
        "p",
        {},
        `Image ${scene.sample + 1}`,
        element("br"),
        `labelled ${classes[scene.label]}, read as `,
        element(
          "span",
          { class: isRight ? "verdict-right" : "verdict-wrong" },
          `${classes[scene.read]}\u00a0${isRight ? "✓" : "✗"}`,
        ),
      ),
    );
  }

  #view(): StageView {
    const { dataset } = this.#training;
    const { rows, columns } = dataset.train;
    return {
      classes: Array.from({ length: dataset.classes }, (_, index) => shownClass(dataset, index)),
      ...{ rows, columns },
      follow: (sample) => {
        this.#sampleIndex = sample;
        this.#draw();
      },
      unit: this.#unit,
      look: (unit) => {
        this.#unit = unit;
        this.#draw();
      },
    };
  }
}
