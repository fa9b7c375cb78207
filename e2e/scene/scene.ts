import type { Browser, Page } from "@playwright/test";
import { type ControlPlane, startControlPlane } from "../control-plane/start.ts";
import { untilReleased } from "../control-plane/until-released.ts";
import type { LabHost } from "../lab/host.ts";
import { type Lab, type LabOptions, openLab } from "../lab/lab.ts";
import { openBrowser, openVisitor, type Visitor } from "./browser.ts";
import { becomeOwner, type Person } from "./screens/doorway.ts";

/** Hosts, control plane and a browser whose owner is signed in: what a journey begins with. */
export interface Scene {
  readonly lab: Lab;
  readonly controlPlane: ControlPlane;
  readonly browser: Browser;
  readonly visitor: Visitor;
  readonly page: Page;
  close(): Promise<void>;
}

export interface SceneOptions extends LabOptions {
  readonly redisUrl?: string;
  /** Settings of the control plane, made when the lab is open. */
  readonly settings?: (lab: Lab) => Readonly<Record<string, string>>;
  /** False leaves the one-time link unused. */
  readonly hasOwner?: boolean;
}

export const owner: Person = {
  organisation: "Harbour IT",
  name: "Olga Owner",
  email: "olga@harbour.example",
  password: "correct horse battery staple",
};

/** Opens a lab and starts the control plane in it. Nothing is left when it throws. */
export async function openScene(options: SceneOptions): Promise<Scene> {
  const lab = await openLab(options);
  try {
    const { redisUrl, settings } = options;
    const controlPlane = await startControlPlane({
      lab,
      ...(redisUrl === undefined ? {} : { redisUrl }),
      ...(settings === undefined ? {} : { settings: settings(lab) }),
    });
    const browser = await openBrowser(lab);
    const visitor = await openVisitor(browser, controlPlane.url);
    if (options.hasOwner ?? true) await becomeOwner(visitor.page, controlPlane.ownerLink ?? "", owner);
    await untilReleased(controlPlane);
    return {
      lab,
      controlPlane,
      browser,
      visitor,
      page: visitor.page,
      close: async () => {
        await browser.close();
        await controlPlane.stop();
        await lab.close();
      },
    };
  } catch (cause) {
    await lab.close();
    throw cause;
  }
}

/** Runs what the dashboard showed, as a person pastes it into a root shell. Returns status and all output. */
export async function paste(host: LabHost, command: string): Promise<{ code: number; output: string }> {
  const { code, stdout, stderr } = await host.exec(["bash", "-c", command], { timeoutMs: 60_000 });
  return { code, output: `${stdout}${stderr}` };
}
