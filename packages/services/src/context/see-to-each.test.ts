import { afterAll, beforeAll, expect, test } from "vitest";
import { openServiceTest, type ServiceTest } from "../testing/service-test.ts";
import { seeToEach } from "./see-to-each.ts";
import { ServiceError } from "./service-error.ts";

let t: ServiceTest;
beforeAll(async () => {
  t = await openServiceTest();
});
afterAll(() => t.close());

const rows = ["a", "b", "c", "d"].map((id) => ({ id, organisationId: `organisation of ${id}` }));
const asked = () => ({ rows, app: t.database.app, installation: t.installation });

test("each row is worked on in the context of its own organisation, never more at once than asked for", async () => {
  const seen: string[] = [];
  let [atOnce, atOnceSeen] = [0, 0];
  await seeToEach(t.system, { ...asked(), atOnceMax: 2 }, async (own, { id }) => {
    atOnce += 1;
    atOnceSeen = Math.max(atOnceSeen, atOnce);
    await Promise.resolve();
    seen.push(`${id}: ${own.organisationId}`);
    atOnce -= 1;
    return undefined;
  });
  expect(seen.sort()).toEqual(rows.map(({ id, organisationId }) => `${id}: ${organisationId}`));
  expect(atOnceSeen).toBe(2);
});

test("a row that fails is given back and keeps no other from its turn; one that was removed is no failure", async () => {
  const broken = new Error("broken");
  const seen: string[] = [];
  const failed = await seeToEach(t.system, asked(), async (_own, { id }) => {
    if (id === "a") throw broken;
    if (id === "b") throw new ServiceError("not-found", "It was removed.");
    seen.push(id);
    return undefined;
  });
  expect(failed).toEqual([{ row: rows[0], cause: broken }]);
  expect(seen).toEqual(["c", "d"]);
});

test("no row is begun after one has said to stop", async () => {
  const seen: string[] = [];
  await seeToEach(t.system, asked(), async (_own, { id }) => {
    seen.push(id);
    return id === "b" ? "stop" : undefined;
  });
  expect(seen).toEqual(["a", "b"]);
});
