import { basename } from "node:path";
import { SingleBar } from "cli-progress";
import type { DownloadProgress } from "./download.ts";
import { takesEscapes } from "./terminal.ts";

/**
 * Progress on a terminal, one bar a file; elsewhere one line when the first file begins to arrive.
 * @param title what is downloaded
 * @param stream where bars are drawn, normally stderr
 * @param notice prints a line
 */
export function downloadProgress(
  title: string,
  stream: NodeJS.WriteStream,
  notice: (line: string) => void,
): DownloadProgress {
  return takesEscapes(stream) ? bars(stream) : oneLine(title, notice);
}

function bars(stream: NodeJS.WriteStream): DownloadProgress {
  let bar: SingleBar | undefined;
  return {
    start(url, bytes) {
      const size = bytes === undefined ? "{received}" : "[{bar}] {percentage}% of {size}";
      // With `linewrap` the bar is cut to the terminal's width, and the terminal's own setting, which a Ctrl-C would
      // leave changed, is not touched.
      bar = new SingleBar({ stream, format: `{name} ${size}`, barsize: 24, linewrap: true });
      const name = basename(url.pathname).padEnd(26);
      bar.start(bytes ?? 0, 0, { name, received: sizeText(0), size: sizeText(bytes ?? 0) });
    },
    advance(received) {
      bar?.update(received, { received: sizeText(received) });
    },
    stop() {
      bar?.stop();
      bar = undefined;
    },
  };
}

/** Bytes from which on a download is so long that its size is told. */
const long = 50e6;

function oneLine(title: string, notice: (line: string) => void): DownloadProgress {
  let begun = false;
  return {
    start(url, bytes = 0) {
      const size = bytes < long ? "" : ` (${sizeText(bytes)}, once)`;
      if (!begun) notice(`Downloading ${title} from ${url.host}${size}.`);
      begun = true;
    },
    advance() {},
    stop() {},
  };
}

function sizeText(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
