import "./language.ts";

import "uplot/dist/uPlot.min.css";
import "./style/tokens.css";
import "./style/layout.css";
import "./style/controls.css";
import "./style/settings.css";
import "./style/views.css";
import "./style/network.css";
import "./style/unit.css";
import "./style/step.css";
import "./style/step-figures.css";
import "./style/step-code.css";
import "./style/step-widths.css";
import "./style/charts.css";
import "./style/lesson.css";
import "./style/results.css";
import "./style/own.css";
import "./style/settings-map.css";
import "./style/coarse.css";
import "./style/narrow.css";
import "./style/forced-colors.css";
import { announceProgress } from "./announcements.ts";
import { Autosave } from "./autosave/autosave.ts";
import { offerAutosaved } from "./autosave/offer.ts";
import { controls } from "./controls.ts";
import { byId } from "./dom.ts";
import type { Backdrop } from "./drawing.ts";
import { listenToDrops } from "./drop.ts";
import { handleErrors } from "./error-handler.ts";
import { Inside } from "./inside.ts";
import { listenToKeys } from "./keyboard.ts";
import { Lesson } from "./lesson/lesson.ts";
import { type MadeNetwork, NetworkMaker } from "./network-maker.ts";
import { OwnDigits } from "./own/own-digits.ts";
import { showPanel } from "./panel/panel.ts";
import { progressBar } from "./progress.ts";
import { showStartFailure } from "./screens.ts";
import { makeFirst } from "./start.ts";
import { Exploration } from "./sweep/exploration.ts";
import { announce, toast } from "./toasts.ts";
import { Training } from "./training.ts";
import { configFromQuery } from "./url.ts";
import { showAugmentedSamples } from "./views/augmented-samples.ts";
import { showCharts } from "./views/charts.ts";
import { showConfusion } from "./views/confusion.ts";
import { showFacts } from "./views/facts.ts";
import { showLesson } from "./views/lesson.ts";
import { showMistakes, worstMistakes } from "./views/mistakes.ts";
import { showNetwork } from "./views/network/picture.ts";
import { showNumbers } from "./views/numbers.ts";
import { showOwnDigits } from "./views/own-digits.ts";
import { Pad } from "./views/pad.ts";
import { PixelNumbers } from "./views/pixel-numbers.ts";
import { showReading } from "./views/reading.ts";
import { showReadouts } from "./views/readouts.ts";
import { showRuns } from "./views/runs.ts";
import { showSettingsMap } from "./views/settings-map.ts";
import { showStatus } from "./views/status.ts";
import { StepStory } from "./views/step/story.ts";
import { showTransport } from "./views/transport.ts";
import { showViewTabs } from "./views/view-tabs.ts";
import { showWeights } from "./views/weights.ts";
import type { BackgroundFunctions } from "./workers/background.ts";
import { startWorker } from "./workers/calls.ts";

/* Composes the page: reads the link, makes the first network, shows it. */

const { config, problems } = configFromQuery(location.search);
if (problems.length > 0) toast(`In the link: ${problems.join(" ")}`);

const background = startWorker<BackgroundFunctions>();
/** An address without settings is one of every network, and of whatever digits were trained on last. */
const isBare = location.search === "";
const own = new OwnDigits();
await own.loaded;
const maker = new NetworkMaker(background, isBare ? own.mix : undefined);
const progress = progressBar();
/** There is no network yet. */
let starting = true;
maker.dataProgressed.listen((value) => progress.show(value));
maker.staged.listen(
  (stage) => starting && progress.show({ task: `${stage[0].toUpperCase()}${stage.slice(1)}` }),
);
maker.dataNoted.listen((text) => toast(text));

try {
  compose(await makeFirst(maker, config));
} catch (error) {
  progress.hide();
  showStartFailure(error, config);
}

function compose(first: MadeNetwork): void {
  const training = new Training(maker, first);
  starting = false;
  progress.hide();
  training.work.changed.listen(() => progress.hide());
  handleErrors(training);
  byId("page").hidden = false;

  const pad = new Pad(training);
  const place = (image: Backdrop) => {
    pad.place(image);
    pad.bringIntoView();
  };
  const autosave = new Autosave(training, background);
  const actions = controls(training, autosave, own);
  showViewTabs(training);
  showFacts(training);
  showTransport(training, actions);
  showStatus(training, maker.staged);
  showReadouts(training);
  showPanel(training, actions);
  showWeights(training);
  const inside = new Inside(training, pad);
  showReading(training, inside, announce, actions.openTrained);
  const unitView = showNetwork(training, inside);
  new PixelNumbers(training, inside);
  const story = new StepStory(training, actions.step);
  const exploration = new Exploration(training);
  showCharts(training, exploration);
  showRuns(training, actions.bringBack);
  showSettingsMap(training, exploration);
  showNumbers(training);
  showAugmentedSamples(training);
  showConfusion(training, place);
  showMistakes(training, place);
  showOwnDigits(training, inside, pad, own, actions);
  announceProgress(training);
  void offerAutosaved(training, autosave, { isBare, goOn: actions.goOn });
  pad.begin();
  listenToDrops((dropped) => actions.drop(dropped));
  listenToKeys({ " ": actions.toggle, s: actions.step, r: actions.reset, c: () => pad.clear() });
  void training.rest();
  const lesson = new Lesson(training, {
    openStage: (stage) => story.open(stage),
    hasStep: () => story.hasStep,
    openUnit: (unit) => {
      unitView.open({ layer: 0, unit });
      byId("unit").scrollIntoView({ block: "nearest" });
    },
    askForWorst: () => {
      const [index] = worstMistakes(training);
      if (index === undefined)
        return toast("No misread image is known yet: they are read when an epoch ends, or training rests.");
      place({ split: training.watched.split, index });
      inside.whenAnswered(() => byId("why").click());
    },
  });
  showLesson(lesson);
}
