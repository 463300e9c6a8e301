import { version } from "../../package.json";

/** Of this program, as `--version` shows it and files name it. */
export const programVersion: string = version;
