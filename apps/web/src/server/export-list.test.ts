import { describe, expect, test } from "vitest";
import { exportedLists } from "../client/export-href.ts";
import { exportList } from "./export-list.ts";
import type { RequestContext } from "./request-context.ts";

const stranger = { requestId: "r", anonymous: {}, member: async () => null } as unknown as RequestContext;

describe("an export", () => {
  test.each(exportedLists)("of %s is refused to a stranger", async (list) => {
    const answer = await exportList(list, new URLSearchParams(), stranger);
    expect([answer.status, await answer.text()]).toEqual([401, "Your session has ended. Sign in again.\n"]);
  });

  test.each(["nothing", "constructor", "__proto__"])("of %s is not there", async (list) => {
    expect((await exportList(list, new URLSearchParams(), stranger)).status).toBe(404);
  });
});
