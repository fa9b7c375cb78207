import type { ServerConcern } from "@mailstead/core/servers";
import { expect, test } from "vitest";
import { wordsFor } from "../../messages/locale.ts";
import { concernFix, concernTitle, isToldByHost } from "./concern-words.ts";

const { t } = wordsFor("en");
const concern = (code: ServerConcern["code"], about: Partial<ServerConcern> = {}): ServerConcern => ({
  code,
  level: "attention",
  jobId: null,
  services: [],
  ...about,
});

test("a concern is called after the services that it is about", () => {
  expect(
    concernTitle(t, concern("service-down", { services: ["rspamd.service", "postfix@-.service"] })),
  ).toBe("Rspamd, Postfix down");
  expect(concernTitle(t, concern("restart-failed", { services: ["clamav"] }))).toBe(
    "Restart of ClamAV failed",
  );
  expect(concernTitle(t, concern("reboot"))).toBe("Reboot needed");
});

test.each<[ServerConcern["code"], Partial<ServerConcern>, string | undefined]>([
  ["job-failed", { jobId: "7" }, "/jobs/7"],
  ["install-failed", { jobId: "7" }, "/jobs/7"],
  ["drift", {}, "/servers/s/drift"],
  ["not-installed", {}, "/servers/s/install"],
  ["port-25-blocked", {}, "/servers/s/settings"],
  ["reboot", {}, undefined],
])("%s leads to where it is dealt with", (code, about, href) => {
  expect(concernFix("s", concern(code, about))?.href).toBe(href);
});

test("what a host tells is shown as its findings, and how a server stands with us as a concern", () => {
  expect((["service-down", "disk-full", "reboot"] as const).map((code) => isToldByHost({ code }))).toEqual([
    true,
    true,
    true,
  ]);
  expect((["offline", "drift", "job-failed"] as const).some((code) => isToldByHost({ code }))).toBe(false);
});
