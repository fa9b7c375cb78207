import { afterAll, expect, test } from "vitest";
import { listAudit } from "../audit/index.ts";
import { listJobsOf } from "../testing/list-jobs-of.ts";
import { openServerTest } from "../testing/open-server-test.ts";
import { checkMail, installServer } from "./index.ts";

const t = await openServerTest();
const { serverId } = t;
afterAll(() => t.close());

test("a host without a mail stack is not asked to try its mail", async () => {
  await expect(checkMail(t.owner, { serverId })).rejects.toMatchObject({
    kind: "precondition-failed",
    message: "mail1 is not installed yet; install it first.",
  });
});

test("a host is asked to try its mail in the lane of diagnostics, and the audit says who asked", async () => {
  await installServer(t.owner, { serverId });
  const { jobId } = await checkMail(t.owner, { serverId });
  expect(await listJobsOf(t, serverId)).toContainEqual(
    expect.objectContaining({ id: jobId, verb: "check-mail", lane: "diagnostic", args: {} }),
  );
  expect((await listAudit(t.owner, {})).entries[0]).toMatchObject({
    action: "check-mail",
    subjectName: "mail1",
  });
});

test("who may only look asks no host anything", async () => {
  await expect(checkMail(t.as("auditor"), { serverId })).rejects.toMatchObject({ kind: "forbidden" });
});
