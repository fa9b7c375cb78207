import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import type { Scene } from "./scene.ts";
import { screenshotFolder } from "./screenshots.ts";

const logLinesShown = 60;

/**
 * For a file whose tests are the steps of one story: when one fails, the later ones are skipped, and the control
 * plane's last lines and a photograph of the page tell where the story broke off.
 */
export function stepsInOrder(scene: () => Scene | undefined): void {
  let brokenAt: string | undefined;
  beforeEach(({ skip }) => {
    if (brokenAt) skip(`the step "${brokenAt}" failed`);
  });
  afterEach(async ({ task }) => {
    if (task.result?.state !== "fail") return;
    brokenAt = task.name;
    const at = scene();
    if (!at) return;
    await mkdir(screenshotFolder, { recursive: true });
    const name = `failed-${task.name.replaceAll(/[^a-z0-9]+/gi, "-").slice(0, 60)}.png`;
    await at.page.screenshot({ path: join(screenshotFolder, name), fullPage: true }).catch(console.error);
    console.error(
      `The page was ${at.page.url()}; it is in ${name}. It complained of:`,
      at.visitor.complaints(),
    );
    console.error(at.controlPlane.logs().split("\n").slice(-logLinesShown).join("\n"));
  });
}
