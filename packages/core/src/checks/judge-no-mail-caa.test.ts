import { expect, test } from "vitest";
import { judgeNoMailCaa, type NoMailCaa } from "./judge-no-mail-caa.ts";

const unused: NoMailCaa = { domain: "a.example", own: [], inherited: { kind: "none" }, inUse: [] };
const judge = (changed: Partial<NoMailCaa> = {}) => judgeNoMailCaa({ ...unused, ...changed });

test("a domain without mail that nothing uses is advised to forbid all certificates", () => {
  expect(judge()).toMatchObject([
    { kind: "caa-missing", severity: "instruction", record: 'a.example. IN CAA 0 issue ";"' },
  ]);
});

test("where something may need certificates there is no record to paste that would end them", () => {
  const [finding] = judge({ inUse: [{ name: "www.a.example", why: "A 198.51.100.7" }] });
  expect(finding).toMatchObject({ evidence: ["a.example CAA: none", "www.a.example: A 198.51.100.7"] });
  expect(finding?.fix).toContain("names the authority of www.a.example");
  expect(finding).not.toHaveProperty("record");
});

test.each<[string, Partial<NoMailCaa>]>([
  ["an authority is named", { own: ['0 issue "ca.example"'] }],
  ["all are forbidden", { own: ['0 issue ";"'] }],
  [
    "the zone above names one",
    { inherited: { kind: "inherited", name: "example", values: ['0 issue "ca.example"'] } },
  ],
])("nothing is advised where %s", (_title, changed) => {
  expect(judge(changed)).toEqual([]);
});

test("a record that only says where to report leaves all to issue", () => {
  expect(judge({ own: ['0 iodef "mailto:a@b.example"'] })).toHaveLength(1);
});
