import { passwordProblem } from "@mailstead/core/access";
import { expect, test } from "vitest";
import { generatePassword } from "./generate-password.ts";

test("a generated password is accepted, is read out in groups and never comes twice", () => {
  const made = new Set(Array.from({ length: 200 }, () => generatePassword()));
  expect(made.size).toBe(200);
  for (const password of made) {
    expect(password).toMatch(/^[A-Za-z2-9]{5}(-[A-Za-z2-9]{5}){3}$/);
    expect(passwordProblem(password, "ann@alpha.example")).toBeNull();
  }
});

test("bytes that would favour some letters are thrown away", () => {
  let call = 0;
  const password = generatePassword((bytes) => bytes.fill(call++ === 0 ? 255 : 1));
  expect(password).toBe("bbbbb-bbbbb-bbbbb-bbbbb");
});
