import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import puppeteer, { type Browser, type Page } from "puppeteer-core";

const names = ["firefox", "firefox-esr"];
/** Where installers of macOS and Windows put it. */
const places = [
  "/Applications/Firefox.app/Contents/MacOS/firefox",
  "C:\\Program Files\\Mozilla Firefox\\firefox.exe",
];

/**
 * Launches the Firefox of `FIREFOX_PATH`, else the system's, with WebGPU whatever it thinks of the driver.
 * @param downloads the folder that it saves files into, without asking
 * @throws an error that says what this machine lacks
 */
export async function launchFirefox(downloads: string): Promise<Browser> {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const candidates = [...folders.flatMap((folder) => names.map((name) => join(folder, name))), ...places];
  const executablePath = process.env.FIREFOX_PATH ?? candidates.find((path) => existsSync(path));
  if (!executablePath || !existsSync(executablePath)) {
    throw new Error(
      "There is no Firefox for these tests: install it (Debian: apt-get install firefox-esr), or set FIREFOX_PATH to one.",
    );
  }
  return puppeteer.launch({
    browser: "firefox",
    executablePath,
    // Not puppeteer's default, nor `setViewport`: Firefox 140 refuses one of the commands that they send.
    defaultViewport: null,
    args: ["--width=1280", "--height=1000"],
    extraPrefsFirefox: {
      "dom.webgpu.enabled": true,
      "gfx.webgpu.ignore-blocklist": true,
      "browser.download.folderList": 2,
      "browser.download.dir": downloads,
      "browser.download.useDownloadDir": true,
      "browser.download.always_ask_before_handling_new_types": false,
    },
    // A software adapter may compile kernels for minutes.
    protocolTimeout: 300_000,
  });
}

/** @throws an error that says what is missing, if the page finds no WebGPU adapter */
export async function expectAdapter(page: Page): Promise<void> {
  const fault = await page.evaluate(async () => {
    try {
      return (await navigator.gpu?.requestAdapter()) ? undefined : "it finds no adapter";
    } catch (error) {
      return String(error);
    }
  });
  if (fault === undefined) return;
  throw new Error(
    `${await page.browser().version()} has no WebGPU on this machine (${fault}): install a Vulkan driver (Mesa 25 or newer has ` +
      "one that needs no GPU; VK_DRIVER_FILES names it where it is not the system's), or a Firefox that has WebGPU.",
  );
}
