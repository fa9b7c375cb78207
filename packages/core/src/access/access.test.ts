import { describe, expect, test } from "vitest";
import { isRoleAtLeast, passwordProblem, roles, signInEmailSchema } from "./index.ts";

test("each role may do what the roles below it may, and no more", () => {
  for (const [rank, role] of roles.entries())
    for (const [neededRank, needed] of roles.entries())
      expect(isRoleAtLeast(role, needed), `${role} for ${needed}`).toBe(rank <= neededRank);
});

describe("a password", () => {
  test.each([
    ["short", "a password has at least 10 characters"],
    ["x".repeat(201), "a password has at most 200 characters"],
    ["two\nlines here", "a password is one line without control characters"],
    ["aaaaaaaaaaaa", "the password repeats too few characters"],
    ["Ann@Alpha.Example", "the password must not be the address"],
  ])("%j is refused", (password, problem) => {
    expect(passwordProblem(password, "ann@alpha.example")).toBe(problem);
  });

  test.each(["correct horse battery", "пароль из слов", "x8$'\"\\`;--(){}"])("%j is taken", (password) => {
    expect(passwordProblem(password, "ann@alpha.example")).toBeNull();
  });
});

test("an address to sign in with is folded", () => {
  expect(signInEmailSchema.parse(" Ann@MSP.Example ")).toBe("ann@msp.example");
});
