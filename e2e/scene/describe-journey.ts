import { describe } from "vitest";
import { missingForLab } from "../lab/prerequisites.ts";
import { missingForBrowser } from "./browser.ts";

const missingBrowser = await missingForBrowser();
const missing = [...(await missingForLab()), ...missingBrowser];

/** A describe block that needs the lab and a browser; where they cannot be had it is skipped, and its title says why. */
export function describeJourney(title: string, body: () => void): void {
  describeUnless(missing, title, body);
}

/** A describe block that needs a browser and nothing else. */
export function describeInBrowser(title: string, body: () => void): void {
  describeUnless(missingBrowser, title, body);
}

function describeUnless(reasons: readonly string[], title: string, body: () => void): void {
  if (reasons.length === 0) describe(title, body);
  else describe.skip(`${title} (skipped: ${reasons.join("; ")})`, body);
}
