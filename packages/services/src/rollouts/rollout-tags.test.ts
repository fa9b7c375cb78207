import { afterAll, expect, test } from "vitest";
import { changeTags } from "../tags/index.ts";
import { openRolloutFleet } from "../testing/rollout-fleet.ts";
import { openServiceTest } from "../testing/service-test.ts";
import { previewRollout, startRollout } from "./index.ts";

const t = await openServiceTest();
afterAll(() => t.close());

test("tags choose the servers of a rollout, and those that are left out are told with the tag", async () => {
  await openRolloutFleet(t, ["mail0", "mail1", "mail2", "mail3"]);
  const { rows } = await t.database.admin.pool.query<{ id: string; name: string }>(
    "select id, name from servers",
  );
  const idsOf = (...names: string[]) => rows.filter(({ name }) => names.includes(name)).map(({ id }) => id);
  await changeTags(t.owner, { serverIds: idsOf("mail0", "mail1", "mail2"), add: ["oslo"] });
  await changeTags(t.owner, { serverIds: idsOf("mail2"), add: ["delicate"] });
  const wanted = { choice: { kind: "all" as const }, tags: ["Oslo"], exceptTags: ["delicate"] };
  const shown = await previewRollout(t.owner, wanted);
  expect(shown.waves.flatMap(({ names }) => names).toSorted()).toEqual(["mail0", "mail1"]);
  expect(shown.leftOut).toEqual([
    {
      because: "It has the tag delicate, which this rollout leaves out.",
      names: ["mail2"],
      servers: 1,
    },
  ]);
  expect(await startRollout(t.owner, { ...wanted, title: "Oslo" })).toMatchObject({ servers: 2 });
  await expect(
    startRollout(t.owner, { choice: { kind: "all" }, tags: ["nowhere"], title: "Nobody" }),
  ).rejects.toMatchObject({ kind: "precondition-failed" });
});
