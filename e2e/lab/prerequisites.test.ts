import { expect, it } from "vitest";
import { type Prerequisite, planInstallation } from "./prerequisites.ts";

const nspawn: Prerequisite = { program: "systemd-nspawn", debianPackage: "systemd-container" };
const redis: Prerequisite = { program: "redis-server", debianPackage: "redis-server" };
const machine = { lab: [nspawn], others: [redis], aptReasons: [], labReasons: [] };

it("all that is missing is installed where a lab can run", () => {
  expect(planInstallation(machine)).toEqual({ toInstall: [nspawn, redis], missing: [] });
});

it("where only the lab is impossible, everything else is installed", () => {
  const labReasons = ["this machine refuses namespaces"];
  expect(planInstallation({ ...machine, labReasons })).toEqual({
    toInstall: [redis],
    missing: [...labReasons, "systemd-nspawn is missing"],
  });
});

it("where apt cannot be used, nothing is installed and all of it is named", () => {
  const reasons = ["the lab needs root"];
  expect(planInstallation({ ...machine, aptReasons: reasons, labReasons: reasons })).toEqual({
    toInstall: [],
    missing: [...reasons, "systemd-nspawn is missing", "redis-server is missing"],
  });
});
