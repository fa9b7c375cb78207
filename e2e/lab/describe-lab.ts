import { describe } from "vitest";
import { missingForLab } from "./prerequisites.ts";

const missing = await missingForLab();

/** A describe block that needs the lab. On a machine that cannot carry one it is skipped, and its title says why. */
export function describeLab(title: string, body: () => void): void {
  if (missing.length === 0) describe(title, body);
  else describe.skip(`${title} (skipped: ${missing.join("; ")})`, body);
}
