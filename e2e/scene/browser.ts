import { access, chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "@playwright/test";
import { controlName, gatewayAddress } from "../lab/addresses.ts";
import type { Lab } from "../lab/lab.ts";
import { pageWithinMs } from "./expect-page.ts";

const program = "/usr/bin/chromium";

/** Why this machine cannot drive a browser; empty when it can. */
export async function missingForBrowser(): Promise<string[]> {
  const isThere = await access(program).then(
    () => true,
    () => false,
  );
  return isThere ? [] : ["chromium is missing (apt install chromium)"];
}

/** Starts Debian's Chromium, inside the lab's network when one is given. */
export async function openBrowser(lab?: Lab): Promise<Browser> {
  return chromium.launch({
    executablePath: lab ? await writeWrapper(lab) : program,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      // The lab's authority is not one that Chromium knows. By Playwright's own switch each connection would be made
      // anew after the complaint, and now and then Chromium gives up on that.
      ...(lab ? ["--ignore-certificate-errors"] : []),
      // The machine's own resolver lies outside of the lab.
      `--host-resolver-rules=MAP ${controlName} ${gatewayAddress.ipv4}`,
    ],
  });
}

/** Playwright speaks to the browser over file descriptors, which nsenter hands on. */
async function writeWrapper(lab: Lab): Promise<string> {
  const path = join(lab.folder, "chromium");
  const words = lab.namespace.enter([program]).map((word) => `'${word}'`);
  await writeFile(path, `#!/bin/sh\nexec ${words.join(" ")} "$@"\n`);
  await chmod(path, 0o755);
  return path;
}

export const wide = { width: 1440, height: 900 } as const;
export const narrow = { width: 390, height: 844 } as const;

/** A person's browser: cookies of its own, and every complaint of a page kept for the test to look at. */
export interface Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What pages complained of so far: uncaught errors, console errors and refused resources. */
  complaints(): readonly string[];
}

/** Opens a browser profile that may use the clipboard. */
export async function openVisitor(browser: Browser, url: string): Promise<Visitor> {
  const context = await browser.newContext({
    baseURL: url,
    viewport: wide,
    locale: "en-GB",
    permissions: ["clipboard-read", "clipboard-write"],
  });
  context.setDefaultTimeout(pageWithinMs);
  const page = await context.newPage();
  waitForAllThatStreamsIn(page);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(`uncaught: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`console: ${message.text()} (${message.location().url})`);
  });
  return { context, page, complaints: () => complaints };
}

/**
 * What a page is sent late stands in it hidden until it is moved to its place, so for a moment after loading a text may be
 * there twice: each loading waits that out.
 */
function waitForAllThatStreamsIn(page: Page): void {
  const isWhole = () => page.locator("[hidden][id^='S:']").first().waitFor({ state: "detached" });
  const [goto, reload] = [page.goto.bind(page), page.reload.bind(page)];
  page.goto = async (...asked) => {
    const answer = await goto(...asked);
    await isWhole();
    return answer;
  };
  page.reload = async (...asked) => {
    const answer = await reload(...asked);
    await isWhole();
    return answer;
  };
}
