import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Step } from "@mailstead/core/converge";
import { type ProgressBody, progressEventSchema } from "@mailstead/core/jobs";
import { frameSizeMaxBytes } from "@mailstead/core/wire";
import { expect, onTestFinished, test } from "vitest";
import { takeProgressFrames } from "../jobs/progress-frames.ts";
import { renderTarget } from "../reconcile/plan-target.ts";
import { openFakeHost } from "../testing/fake-host.ts";
import { makeIdentity, makeTarget } from "../testing/test-identity.ts";
import { runPlan } from "./run-plan.ts";

test("a plan of ten thousand steps is told in frames that the wire takes, and none is left out", async () => {
  const host = openFakeHost(mkdtempSync(join(tmpdir(), "run-plan-")));
  onTestFinished(() => rmSync(host.root, { recursive: true, force: true }));
  const told: ProgressBody[] = [];
  const stopped = new Error("stopped before the first step");
  const steps = Array.from({ length: 10_000 }, (_, index): Step => {
    const domain = `${String(index).padStart(5, "0")}.${"x".repeat(60)}.example`;
    return {
      kind: "make-dkim-key",
      id: `make-dkim-key:ms202611a.${domain}`,
      title: `Make the DKIM key ms202611a of ${domain}`,
      weight: 0.3,
      domain,
      selector: "ms202611a",
      algorithm: "ed25519",
      path: `/var/lib/mailstead-dkim/${domain}.ms202611a.key`,
    };
  });
  const job = {
    report: (body: ProgressBody) => told.push(body),
    requireGoOn: () => {
      throw stopped;
    },
  };
  const { sealingKeys } = makeIdentity().identity;
  const stack = renderTarget({ suite: "bookworm", sealingKeys, target: makeTarget().target });
  await expect(runPlan({ steps, keptDrift: [] }, { host, stack, job: job as never })).rejects.toBe(stopped);

  const events = told.map((body, index) =>
    progressEventSchema.parse({ number: index + 1, atUnixMs: 0, body }),
  );
  const frames = takeProgressFrames("0198a5e0-0000-7000-8000-000000000001", events, 0);
  for (const frame of frames)
    expect(Buffer.byteLength(JSON.stringify(frame))).toBeLessThan(frameSizeMaxBytes);
  const ids = told.flatMap((body) => (body.kind === "plan" ? body.steps.map((step) => step.id) : []));
  expect(ids).toEqual(steps.map((step) => step.id));
});
