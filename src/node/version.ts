import { version } from "../../package.json";

/** Of this program, as `--version` shows it and files name it. */
export const programVersion: string = version;

/** This program as files name it: another version may compute other numbers. */
export const programName = `mnist-webgpu ${version}`;
