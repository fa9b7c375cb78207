import { createHash } from "node:crypto";
import { makeAgent } from "@mailstead/db/factories";
import { afterAll, expect, test } from "vitest";
import { listAudit } from "../audit/index.ts";
import { listJobsOf } from "../testing/list-jobs-of.ts";
import { openServerTest } from "../testing/open-server-test.ts";
import { changeStackSettings, previewConverge, readTargetDocument } from "./index.ts";

const t = await openServerTest({ hasAgent: false });
const { serverId } = t;
afterAll(() => t.close());

test("a host that has not called cannot be asked what a converge would change", async () => {
  await expect(previewConverge(t.owner, { serverId })).rejects.toMatchObject({
    kind: "precondition-failed",
    message: "The agent of mail1 has not called yet.",
  });
});

test("a preview is asked of the host for what is wanted of it now, in the lane of diagnostics", async () => {
  await makeAgent(t.database.admin, { organisationId: t.organisationId, tenantId: t.tenantId, serverId });
  const first = await previewConverge(t.owner, { serverId });
  await changeStackSettings(t.owner, { serverId, settings: { hasVirusScan: true } });
  // Nobody wants to see what the older target state would have changed.
  expect(await previewConverge(t.owner, { serverId })).toEqual(first);
  const document = (await readTargetDocument(t.system, { serverId, revision: 2 })) ?? "";
  expect(await listJobsOf(t, serverId)).toMatchObject([
    {
      id: first.jobId,
      verb: "preview",
      lane: "diagnostic",
      args: { targetRevision: 2, targetDigest: createHash("sha256").update(document).digest("hex") },
    },
  ]);
  expect((await listAudit(t.owner, {})).entries[0]).toMatchObject({
    action: "preview",
    subjectName: "mail1",
  });
});

test("who may only look asks no host anything", async () => {
  await expect(previewConverge(t.as("auditor"), { serverId })).rejects.toMatchObject({ kind: "forbidden" });
});
