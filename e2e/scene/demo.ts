import type { Browser, Page } from "@playwright/test";
import { type ControlPlane, startControlPlane } from "../control-plane/start.ts";
import { openBrowser, openVisitor, type Visitor } from "./browser.ts";
import { watchLayout } from "./page-quality.ts";
import { signIn } from "./screens/doorway.ts";

/** The demo fleet in a browser whose person is signed in, with every jump of a page counted. */
export interface Demo {
  readonly controlPlane: ControlPlane;
  readonly browser: Browser;
  readonly visitor: Visitor;
  readonly page: Page;
  close(): Promise<void>;
}

/** Starts a control plane with the demo fleet and signs its owner in. */
export async function openDemo(): Promise<Demo> {
  const controlPlane = await startControlPlane({ isDemo: true });
  const browser = await openBrowser();
  const visitor = await openVisitor(browser, controlPlane.url);
  await watchLayout(visitor.context);
  const [, email = "", password = ""] =
    /sign in as (\S+) with the password (\S+)/.exec(controlPlane.logs()) ?? [];
  await signIn(visitor.page, { email, password });
  return {
    controlPlane,
    browser,
    visitor,
    page: visitor.page,
    close: async () => {
      await browser.close();
      await controlPlane.stop();
    },
  };
}
