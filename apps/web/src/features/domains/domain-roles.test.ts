import type { DomainRole } from "@mailstead/core/domains";
import { expect, test } from "vitest";
import { duties, otherRoles } from "./domain-roles.ts";

test.each([
  ["mx", ["backup-mx"]],
  ["backup-mx", ["mx"]],
  ["outbound", ["sender"]],
  ["sender", ["outbound"]],
] as const)(
  "a server that is %s is offered %j, and nothing by which mail would be lost",
  (role, expected) => {
    expect(otherRoles(role)).toEqual(expected);
  },
);

test("each server is told what it does beside the others", () => {
  const server = (id: string, role: DomainRole, leavesSince: Date | null = null) => ({
    id,
    name: id,
    role,
    leavesSince,
  });
  const alone = duties([server("a", "home"), server("b", "backup-mx"), server("c", "outbound", new Date(0))]);
  expect([...alone]).toEqual([
    ["a", { kind: "home" }],
    ["b", { kind: "backup-mx" }],
  ]);
  const shared = duties([server("a", "home"), server("b", "outbound"), server("c", "outbound")]);
  expect([...shared]).toEqual([
    ["a", { kind: "home-receives" }],
    ["b", { kind: "outbound" }],
    ["c", { kind: "outbound-next", first: "b" }],
  ]);
});
