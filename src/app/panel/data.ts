import { button, element } from "../dom.ts";
import { choiceField, type Field, type FieldOptions } from "./fields.ts";

const hint =
  "IDX files, CSV tables, .npz archives or zips, or a folder of PNG pictures for each class. They stay on this computer.";

/**
 * The data set, by name or of the user's own. That is, while there is some, one more choice of the list: whoever chooses
 * another has done with it.
 */
export function dataField({ training, actions }: Omit<FieldOptions, "name">): Field {
  const list = choiceField({ training, actions, name: "dataset" });
  const select = list.node.querySelector("select") as HTMLSelectElement;
  const own = element("option", {});
  const open = element(
    "div",
    { class: "keep own-data" },
    button("Open files of your own", () => actions.openData("files"), { title: hint }),
    button("Open a folder of your own", () => actions.openData("folder"), { title: hint }),
  );
  return {
    node: element("div", {}, list.node, open),
    refresh() {
      const { given } = training;
      if (!given) own.remove();
      list.refresh();
      if (!given) return;
      own.textContent = given.name;
      select.append(own);
      own.selected = true;
    },
  };
}
