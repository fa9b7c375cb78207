import { expect, test } from "vitest";
import { wordsFor } from "../../messages/locale.ts";
import { jobName } from "./job-name.ts";

const { t } = wordsFor("en");

test.each([
  [{ verb: "converge", isInstall: true }, "Install mail"],
  [{ verb: "converge", isInstall: false }, "Apply target state"],
  [{ verb: "restart-service", isInstall: false, args: { service: "postfix" } }, "Restart service: Postfix"],
  [{ verb: "unban-address", isInstall: false, args: { address: "192.0.2.7" } }, "Unban address: 192.0.2.7"],
] as const)("%j is called %s", (job, name) => {
  expect(jobName(t, job)).toBe(name);
});
