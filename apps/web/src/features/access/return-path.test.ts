import { expect, test } from "vitest";
import { safeReturnPath } from "./return-path.ts";

test.each([
  ["/servers?sort=name", "/servers?sort=name"],
  ["//evil.example/x", "/"],
  ["/\\evil.example", "/"],
  ["/\t/evil.example", "/"],
  ["https://evil.example", "/"],
  ["javascript:alert(1)", "/"],
  ["/sign-in?to=/", "/"],
  [null, "/"],
])("after signing in, %s leads to %s", (wanted, path) => {
  expect(safeReturnPath(wanted)).toBe(path);
});
