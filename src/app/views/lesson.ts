import { asGiven } from "../../errors.ts";
import { button, byId, element } from "../dom.ts";
import type { Lesson } from "../lesson/lesson.ts";
import { type Station, stations } from "../lesson/stations.ts";
import { toast, withdraw } from "../toasts.ts";
import { showAddress } from "../url.ts";

/** The part of an address that opens a station, `#lesson=3`, and the projector's mode, `#lesson=3&projector`. */
const [stationName, projectorName] = ["lesson", "projector"];

/** The lesson: the station that is open with its buttons above the parts of the page that it is about. */
export function showLesson(lesson: Lesson): void {
  const view = new LessonView(lesson);
  const start = byId("lesson-start");
  start.hidden = false;
  start.addEventListener("click", () => lesson.open(0));
  lesson.changed.listen(() => view.show());
  lesson.replaced.listen(() => {
    view.writeText();
    withdraw("lesson");
  });
  lesson.left.listen((act) =>
    toast("The settings in force are the lesson's, and its network can be trained on.", "info", {
      choices: [{ label: "Back to before the lesson", act }],
      topic: "lesson",
    }),
  );
  // Going back to an address of other settings is no `hashchange`.
  for (const event of ["hashchange", "popstate"]) addEventListener(event, () => view.followAddress());
  view.followAddress();
}

class LessonView {
  readonly #lesson: Lesson;
  readonly #section = byId("lesson");
  readonly #title = element("h2", { id: "lesson-title", tabindex: "-1" });
  readonly #body = element("div", { class: "lesson-body" });
  readonly #text = element("div", { class: "lesson-text" });
  readonly #acts = element("div", { class: "lesson-acts", role: "group", "aria-label": "To do" });
  readonly #places: readonly HTMLButtonElement[];
  readonly #back = button("Back", () => this.#by(-1));
  readonly #next = button("Next", () => this.#by(1), { class: "primary" });
  readonly #projector = button("Projector", () => this.#toggleProjector(), {
    title: "Large type, few controls",
    "aria-pressed": "false",
  });

  constructor(lesson: Lesson) {
    this.#lesson = lesson;
    this.#places = stations.map(({ title }, at) =>
      button(String(at + 1), () => lesson.open(at), { title, "aria-label": `Station ${at + 1}: ${title}` }),
    );
    const list = this.#places.map((place) => element("li", {}, place));
    const leave = button("End lesson", () => lesson.close(), { class: "quiet" });
    this.#section.append(
      element(
        "div",
        { class: "lesson-bar" },
        this.#title,
        element("div", { class: "lesson-ways" }, this.#back, this.#next),
        element("ol", { class: "lesson-places", "aria-label": "Stations" }, ...list),
        element("div", { class: "lesson-ways lesson-mode" }, this.#projector, leave),
      ),
      this.#body,
    );
  }

  show(): void {
    const { station, at } = this.#lesson;
    this.#section.hidden = !station;
    byId("lesson-start").hidden = station !== undefined;
    document.body.classList.toggle("in-lesson", station !== undefined);
    for (const part of document.querySelectorAll<HTMLElement>("[data-part]"))
      part.classList.toggle(
        "off",
        station !== undefined && !(station.parts as readonly string[]).includes(part.dataset.part!),
      );
    if (!station) this.#setProjector(false);
    this.#writeAddress();
    if (station && at !== undefined) this.#showStation(station, at);
    else byId("lesson-start").focus();
  }

  /** Opens what the address asks for; ends the lesson if that is nothing. */
  followAddress(): void {
    const asked = new URLSearchParams(location.hash.slice(1));
    const number = asked.get(stationName);
    const station = Number(number) - 1;
    if (stations[station]) {
      this.#setProjector(asked.has(projectorName));
      this.#lesson.open(station);
    } else if (number !== null) {
      toast(`In the link: lesson: got ${asGiven(number)}, expected a station from 1 to ${stations.length}.`);
      this.#writeAddress();
    } else if (this.#lesson.station) this.#lesson.close();
  }

  /** What the station says, of the data that there is. */
  writeText(): void {
    const words = this.#lesson.station?.text(this.#lesson.data) ?? [];
    this.#text.replaceChildren(...words.map((paragraph) => element("p", {}, paragraph)));
  }

  #showStation({ title, look, acts }: Station, at: number): void {
    this.#places.forEach((place, index) => {
      if (index === at) place.setAttribute("aria-current", "step");
      else place.removeAttribute("aria-current");
    });
    this.#back.setAttribute("aria-disabled", String(at === 0));
    this.#next.textContent = at === stations.length - 1 ? "Finish" : "Next";
    this.#title.textContent = `${at + 1}. ${title}`;
    this.#acts.replaceChildren(
      ...acts.map((act, index) =>
        button(
          act.label,
          () => this.#lesson.act(act),
          index === 0 ? { class: "primary act" } : { class: "act" },
        ),
      ),
    );
    this.writeText();
    this.#body.replaceChildren(
      this.#text,
      element("div", { class: "lesson-do" }, this.#acts, element("p", { class: "look" }, look)),
    );
    scrollTo({ top: 0 });
    this.#title.focus({ preventScroll: true });
  }

  #by(stationsOn: number): void {
    const { at = 0 } = this.#lesson;
    if (at + stationsOn >= stations.length) this.#lesson.close();
    else this.#lesson.open(at + stationsOn);
  }

  #toggleProjector(): void {
    this.#setProjector(this.#projector.getAttribute("aria-pressed") !== "true");
    this.#writeAddress();
  }

  #setProjector(on: boolean): void {
    document.documentElement.classList.toggle("projector", on);
    this.#projector.setAttribute("aria-pressed", String(on));
  }

  #writeAddress(): void {
    const { at } = this.#lesson;
    const projector = this.#projector.getAttribute("aria-pressed") === "true" ? `&${projectorName}` : "";
    const hash = at === undefined ? "" : `#${stationName}=${at + 1}${projector}`;
    showAddress(location.pathname + location.search + hash);
  }
}
