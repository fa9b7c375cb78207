import type { JobOrder } from "@mailstead/core/jobs";
import { describe, expect, it } from "vitest";
import { makeKeyPair } from "../link/keys.ts";
import { makeIdentity, signOrder, testServerId } from "../testing/test-identity.ts";
import { verifyOrder } from "./verify-order.ts";

const now = 1_800_000_000_000;
const { identity, signingKeys } = makeIdentity();
const order: JobOrder = {
  formatVersion: 1,
  jobId: "0198a5e0-0000-7000-8000-000000000001",
  serverId: testServerId,
  sequence: 1,
  verb: "restart-service",
  args: { service: "postfix" },
  issuedAtUnixMs: now - 1000,
  expiresAtUnixMs: now + 60_000,
};
const verify = (changes: Partial<JobOrder>, clockOffsetMs = 0) =>
  verifyOrder(signOrder({ ...order, ...changes }, signingKeys), { identity, nowUnixMs: now, clockOffsetMs });

describe("a signed job", () => {
  it("is taken when the pinned key signed it for this server and it has not expired", () => {
    expect(verify({})).toMatchObject({ kind: "good", order: { verb: "restart-service" } });
  });

  it.each([
    ["another server", { serverId: "0198a5e0-0000-7000-8000-00000000000c" }, "wrong-server"],
    ["a time that has passed", { expiresAtUnixMs: now - 1 }, "expired"],
    ["a time to come", { issuedAtUnixMs: now + 600_000 }, "clock-wrong"],
    ["arguments that the catalogue does not know", { args: { service: "sshd" } }, "bad-arguments"],
    ["a verb that the catalogue does not know", { verb: "shell" as never }, "bad-arguments"],
  ])("is refused when it is for %s", (_what, changes, reason) => {
    expect(verify(changes)).toMatchObject({ kind: "refused", reason, jobId: order.jobId });
  });

  it("is refused for the clock, with the offset, when only this host's clock makes it look expired", () => {
    const verdict = verify({ expiresAtUnixMs: now - 1 }, -7_200_000);
    expect(verdict).toMatchObject({ reason: "clock-wrong" });
    expect(verdict.kind === "refused" ? verdict.sentence : "").toContain(
      "7200 s ahead of the control plane's",
    );
  });

  it("is refused for the control plane's clock when it comes from the future and this host's clock is right", () => {
    const verdict = verify({ issuedAtUnixMs: now + 600_000 }, 400);
    expect(verdict).toMatchObject({ reason: "clock-wrong" });
    const sentence = verdict.kind === "refused" ? verdict.sentence : "";
    expect(sentence).toContain("600 s ahead of this host's, which agrees with the gateway's");
    expect(sentence).not.toContain("the clock of this host is");
  });

  it("is refused when another key signed it, under the id that it names, so that the refusal finds its job", () => {
    const other = makeKeyPair("ed25519");
    const { order: text, keyFingerprint } = signOrder(order, signingKeys);
    const input = { identity, nowUnixMs: now, clockOffsetMs: 0 };
    const { jobId } = order;
    expect(verifyOrder(signOrder(order, other), input)).toMatchObject({ reason: "unknown-key", jobId });
    const forged = { order: text, keyFingerprint, signature: signOrder(order, other).signature };
    expect(verifyOrder(forged, input)).toMatchObject({ reason: "bad-signature", jobId });
    const altered = { ...signOrder(order, signingKeys), order: text.replace("postfix", "dovecot") };
    expect(verifyOrder(altered, input)).toMatchObject({ reason: "bad-signature", jobId });
    const rubbish = { order: "no order", keyFingerprint, signature: "" };
    expect(verifyOrder(rubbish, input)).toMatchObject({ reason: "bad-signature", jobId: null });
  });
});
