import { expect, test } from "vitest";
import { otherRoles } from "./domain-roles.ts";

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
