import { domainToASCII } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { toALabels } from "./a-labels.ts";

test.each([
  ["Bücher.example.", "xn--bcher-kva.example"],
  ["ñaca.com", "xn--aca-6ma.com"],
  ["мойсайт.рф", "xn--80arbjktj.xn--p1ai"],
  ["食狮.公司.cn", "xn--85x722f.xn--55qx5d.cn"],
  ["mx.a.example", "mx.a.example"],
])("%s is %s to DNS", (name, wanted) => {
  expect(toALabels(name)).toBe(wanted);
});

test("names are what browsers make of them", () => {
  const letter = fc.constantFrom(..."abcxyz059äöüßéñçøåłжщюяикλωגד食狮公司한국ไทย");
  const label = fc.array(letter, { minLength: 1, maxLength: 12 }).map((letters) => `a${letters.join("")}`);
  fc.assert(
    fc.property(label, (name) => {
      const wanted = domainToASCII(`${name}.example`);
      // What the rules of domains forbid, as two directions of writing in one label, browsers refuse.
      fc.pre(wanted !== "" && !name.includes("ß"));
      expect(toALabels(`${name}.example`)).toBe(wanted);
    }),
  );
});
