import { judgeCatchAll } from "@mailstead/core/checks";
import { afterAll, expect, test } from "vitest";
import { withTransaction } from "../context/index.ts";
import { createAlias, createMailbox } from "../mailboxes/index.ts";
import { openServerTest } from "../testing/open-server-test.ts";
import { addDomain } from "./index.ts";
import { readCatchAll } from "./read-catch-all.ts";

const t = await openServerTest();
afterAll(() => t.close());
const add = (name: string) => addDomain(t.owner, { tenantId: t.tenantId, serverId: t.serverId, name });
const { domainId } = await add("a.example");
const other = await add("b.example");

const findings = () =>
  withTransaction(t.owner, async (tx) =>
    judgeCatchAll("a.example", await readCatchAll(tx, { id: domainId, name: "a.example" })).map(
      ({ kind, sentence }) => `${kind}: ${sentence}`,
    ),
  );

test("a catch-all that leads back to itself over another domain is found, until its end is a mailbox", async () => {
  expect(await findings()).toEqual([]);
  await createAlias(t.owner, { domainId, isCatchAll: true, destinations: ["all@b.example"] });
  expect(await findings()).toEqual([]);
  await createAlias(t.owner, {
    domainId: other.domainId,
    isCatchAll: true,
    destinations: ["nobody@a.example", "away@elsewhere.example"],
  });
  expect(await findings()).toEqual([
    "catch-all-loop: The catch-all of a.example leads back to itself: @a.example → @b.example → @a.example.",
  ]);
  await createMailbox(t.owner, {
    domainId: other.domainId,
    localPart: "all",
    password: "a long and quiet password",
    quotaBytes: 1_073_741_824,
  });
  expect(await findings()).toEqual([]);
});
