import type { PresetName } from "../../model/presets.ts";
import type { SettingName } from "../../model/settings.ts";
import type { DataActions } from "../data-controls.ts";

/** What the panel's controls do. */
export interface PanelActions extends Pick<DataActions, "openData"> {
  /** Called with a value that the settings table allows. */
  change(name: SettingName, value: unknown): void;
  preset(name: PresetName): void;
  /** Called with the error for a value that it does not. */
  refuse(error: unknown): void;
  newSeed(): void;
  share(): void;
  save(): void;
  saveOnnx(): void;
  load(): void;
  /** Puts the trained network that lies beside the page in the place of the one there is. */
  openTrained(): void;
}
