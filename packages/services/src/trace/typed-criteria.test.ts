import { expect, test } from "vitest";
import { typedCriteriaSchema } from "./typed-criteria.ts";

test("a domain is looked for as a mail log has it, however the product shows it", () => {
  expect(
    typedCriteriaSchema.parse({
      sender: " Ann@Bäckerei-Alpen.example",
      recipient: "bob@b.example",
      domain: "bäckerei-alpen.example",
    }),
  ).toEqual({
    sender: "Ann@xn--bckerei-alpen-bfb.example",
    recipient: "bob@b.example",
    domain: "xn--bckerei-alpen-bfb.example",
  });
});

test("what is no address and no domain is refused as before", () => {
  for (const typed of [{ sender: "ann" }, { domain: "a b" }, { domain: "" }, { recipient: "a@b@" }])
    expect(typedCriteriaSchema.safeParse(typed).success).toBe(false);
});
