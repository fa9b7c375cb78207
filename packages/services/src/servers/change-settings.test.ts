import { defaultStackSettings } from "@mailstead/core/servers";
import { afterAll, expect, test } from "vitest";
import { withTransaction } from "../context/index.ts";
import { openServerTest } from "../testing/open-server-test.ts";
import { changeStackSettings } from "./change-settings.ts";
import { getServerForChange } from "./server-for-change.ts";
import { readTargetState } from "./target-state-store.ts";

const t = await openServerTest({ name: "settings" });
const { serverId } = t;
afterAll(() => t.close());

test("a change of one setting leaves every other as it was chosen, also those that have a default", async () => {
  const chosen = {
    messageSizeMaxBytes: 2_000_000,
    scoresSubmissions: true,
  };
  await changeStackSettings(t.owner, { serverId, settings: chosen });
  await changeStackSettings(t.owner, { serverId, settings: { hasVirusScan: true } });
  const { state } = await withTransaction(t.owner, async (tx) =>
    readTargetState(tx, await getServerForChange(tx, serverId)),
  );
  expect(state.stack).toEqual({ ...defaultStackSettings, ...chosen, hasVirusScan: true });
});
