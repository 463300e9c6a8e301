import { styleText } from "node:util";
import basicSsl from "@vitejs/plugin-basic-ssl";
import { renderUnicodeCompact } from "uqr";
import type { Plugin } from "vite";
import { takesEscapes } from "./terminal.ts";

/**
 * The built page for every device in the room. Browsers give WebGPU to secure pages alone, and a page that came over http
 * from another computer is none; over https it is one, even by a certificate that nobody vouches for, once the visitor
 * has said so. Vite's plugin makes such a certificate and keeps it, so that a device asks once.
 */
export function classroom(): Plugin[] {
  return [
    basicSsl({ name: "mnist-webgpu" }),
    {
      name: "classroom",
      configurePreviewServer(server) {
        server.printUrls = () => server.config.logger.info(invitation(server.resolvedUrls?.network ?? []));
      },
    },
  ];
}

/**
 * What the teacher reads: each address with its QR code, and what a visitor will be asked. A computer in several networks
 * has several addresses, and which of the networks the visitors are in is not known.
 */
export function invitation(urls: readonly string[]): string {
  if (urls.length === 0) {
    return "This computer is in no network: connect it to the one that the other devices use, and begin again.";
  }
  const codes = urls.map((url) => `${code(url)}\n\n  ${url}\n`);
  return `\n${codes.join("\n")}${questions}`;
}

/** A QR code in characters, two rows of it a line: light ones are blocks, whatever colours the terminal has. */
function code(url: string): string {
  const picture = renderUnicodeCompact(url, { border: 2 });
  if (!takesEscapes(process.stdout)) return picture;
  const lines = picture.split("\n");
  return lines.map((line) => styleText(["whiteBright", "bgBlack"], line)).join("\n");
}

const questions = `
Other devices in the same network open the page by the code or the address. Each asks once, because this computer's
certificate is its own work:
  Chrome, Edge: "Your connection is not private" - Advanced, Proceed.
  Safari:       "This Connection Is Not Private" - Show Details, visit this website, Visit Website.
  Firefox:      "Warning: Potential Security Risk Ahead" - Advanced, Accept the Risk and Continue.
WebGPU needs Chrome or Edge 121 (Android 12), Safari 26 (iOS 26), or Chrome, Edge, Firefox or Safari of a computer.
If a device finds no page: it is in another network (mobile data, a guests' network), or this computer's firewall is shut.
Ctrl-C ends it.
`;
