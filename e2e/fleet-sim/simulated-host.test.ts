import { type JobVerb, jobCatalog, jobVerbs } from "@mailstead/core/jobs";
import { hostFactsSchema, observedReportSchema } from "@mailstead/core/servers";
import { expect, test } from "vitest";
import { SimulatedHost } from "./simulated-host.ts";

const digest = "0".repeat(64);
const packages = [{ name: "openssl", architecture: "amd64", version: "3.5.4-1~deb13u2" }];
const formerId = "0198a5e0-0000-7000-8000-00000000000a";
const argsOf: Record<JobVerb, unknown> = {
  converge: { targetRevision: 2, targetDigest: digest, revertsDrift: false },
  "apply-configuration": { targetRevision: 2, targetDigest: digest, revertsDrift: false, formerId },
  "restore-configuration": { formerId },
  preview: { targetRevision: 2, targetDigest: digest },
  "sync-directory": { epoch: 1, revision: 4, chain: digest },
  "restart-service": { service: "postfix" },
  "unban-address": { address: "192.0.2.7" },
  "test-signature": { domain: "a.example", selectors: ["ms202601a"] },
  "roll-zone-key": { zone: "a.example" },
  "hold-account": { address: "ann@a.example" },
  "release-account": { address: "ann@a.example" },
  "test-smarthost": { smarthost: { host: "relay.example", port: 587, verifiesCertificate: true } },
  "refresh-facts": {},
  "install-updates": { packages },
  "roll-back-updates": { packages },
  "reboot-host": {},
  "update-agent": { version: "0.2.0", manifestDigest: digest },
  "check-mail": {},
  "trace-message": { visibleDomains: null },
  "read-queue": { filter: {}, skip: 0, limit: 10, visibleDomains: null },
  "change-queue": {
    action: "hold",
    target: { kind: "selected", messages: [{ queueId: "4A1B2C3D4E", arrivedAt: 1 }] },
    visibleDomains: null,
  },
};

test.each(jobVerbs)("a simulated host answers %s as the catalogue promises", (verb) => {
  const result = new SimulatedHost("mail1.fleet.example").obey({ verb, args: argsOf[verb] });
  expect(jobCatalog[verb].result.safeParse(result)).toMatchObject({ success: true });
});

test("updates change what was ordered, tell from where, and lead back", () => {
  const host = new SimulatedHost("mail1.fleet.example");
  const before = host.packages.get("openssl") ?? "";
  const change = { name: "openssl", architecture: "amd64" };
  expect(host.obey({ verb: "install-updates", args: { packages } })).toMatchObject({
    changes: [{ ...change, from: before, to: "3.5.4-1~deb13u2" }],
  });
  const back = { packages: [{ ...change, version: before }] };
  expect(host.obey({ verb: "roll-back-updates", args: back })).toMatchObject({
    changes: [{ ...change, from: "3.5.4-1~deb13u2", to: before }],
  });
  expect(host.obey({ verb: "install-updates", args: back })).toMatchObject({ changes: [] });
});

test("another agent is told of, renders anew, and what it renders is brought and taken back", () => {
  const host = new SimulatedHost("mail1.fleet.example");
  host.obey({ verb: "update-agent", args: argsOf["update-agent"] });
  expect(host.facts().agentVersion).toBe("0.2.0");
  expect(host.observed().pendingPaths).toEqual(["/etc/postfix/main.cf"]);
  const brought = host.obey({ verb: "apply-configuration", args: argsOf["apply-configuration"] });
  expect(brought).toMatchObject({ changedPaths: ["/etc/postfix/main.cf"] });
  expect(host.observed()).toMatchObject({ targetRevision: 2, pendingPaths: [] });
  const back = host.obey({ verb: "restore-configuration", args: { formerId } });
  expect(back).toMatchObject({ revision: 1, changedPaths: ["/etc/postfix/main.cf"] });
  expect(host.observed()).toMatchObject({ targetRevision: 1, pendingPaths: ["/etc/postfix/main.cf"] });
});

test("what it tells of itself has the form of the wire, and follows what it was ordered", () => {
  const host = new SimulatedHost("mail1.fleet.example");
  host.obey({ verb: "converge", args: argsOf.converge });
  host.obey({ verb: "sync-directory", args: argsOf["sync-directory"] });
  expect(hostFactsSchema.safeParse(host.facts())).toMatchObject({ success: true });
  expect(observedReportSchema.parse(host.observed())).toMatchObject({
    targetRevision: 2,
    directory: { epoch: 1, revision: 4 },
  });
});
