import { existsSync } from "node:fs";
import { join } from "node:path";
import { fixPages } from "@mailstead/core/findings";
import { expect, test } from "vitest";
import { fixPageHref } from "./fix-page-href.ts";

const routes = join(import.meta.dirname, "../../app/(house)");

test("every finding of a domain or a server leads to a page that is there, and one of all to none", () => {
  for (const page of fixPages)
    for (const kind of ["domain", "server"] as const) {
      const href = fixPageHref({ page, subject: { kind, id: "ID", name: "a" } }) ?? "";
      const route = (href.split("#")[0] ?? "").replace(/^\/(\w+)s\/ID/, `/$1s/[$1Id]`);
      expect(existsSync(join(routes, route, "page.tsx")), href).toBe(true);
    }
  expect(fixPageHref({ page: "records", subject: { kind: "organisation", id: "", name: "" } })).toBeNull();
  expect(fixPageHref({ page: "overview", subject: { kind: "zone", id: "z1", name: "a" } })).toBe("/zones/z1");
  expect(fixPageHref({ page: "withdrawals", subject: { kind: "withdrawal", id: "a", name: "a" } })).toBe(
    "/settings#withdrawals",
  );
});
