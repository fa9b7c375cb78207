import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inheritDmarc, judgeDmarc } from "./dmarc-record.ts";
import { answerLookups } from "./dns-lookup.ts";

async function walk(domain: string, zone: Record<string, string>) {
  const asked: string[] = [];
  const inherited = await answerLookups(inheritDmarc(domain), async ({ name }) => {
    asked.push(name);
    const value = zone[name];
    if (value === "TIMEOUT") return { kind: "failed", problem: "no answer" };
    return value === undefined ? { kind: "none" } : { kind: "found", values: [value] };
  });
  return { inherited, asked, judgement: judgeDmarc([], inherited) };
}

describe("a domain without a DMARC record inherits one", () => {
  it.each<[string, Record<string, string>, string]>([
    ["sub.a.example", { "_dmarc.a.example": "v=DMARC1; p=reject" }, "ok"],
    ["sub.a.example", { "_dmarc.a.example": "v=DMARC1; p=reject; sp=none" }, "attention"],
    ["sub.a.example", { "_dmarc.a.example": "v=DMARC1; p=none; sp=quarantine" }, "ok"],
    ["sub.a.example", { "_dmarc.a.example": "v=DMARC1; p=bogus" }, "missing"],
    ["sub.a.example", { "_dmarc.a.example": "hello" }, "missing"],
    ["sub.a.example", {}, "missing"],
    ["sub.a.example", { "_dmarc.example": "TIMEOUT" }, "unknown"],
    ["a.bank", { "_dmarc.bank": "v=DMARC1; p=reject; psd=y" }, "ok"],
  ])("%s with %j: %s", async (domain, zone, kind) => {
    expect((await walk(domain, zone)).judgement.kind).toBe(kind);
  });

  it.each<[string, Record<string, string>, string]>([
    [
      "x.y.a.example",
      { "_dmarc.y.a.example": "v=DMARC1; p=none", "_dmarc.a.example": "v=DMARC1; p=reject" },
      "_dmarc.a.example",
    ],
    [
      "x.y.a.example",
      { "_dmarc.y.a.example": "v=DMARC1; p=none; psd=n", "_dmarc.a.example": "v=DMARC1; p=reject" },
      "_dmarc.y.a.example",
    ],
    [
      "x.a.bank",
      { "_dmarc.a.bank": "v=DMARC1; p=none", "_dmarc.bank": "v=DMARC1; p=reject; psd=y" },
      "_dmarc.a.bank",
    ],
    [
      "x.y.a.bank",
      { "_dmarc.y.a.bank": "v=DMARC1; p=none", "_dmarc.bank": "v=DMARC1; p=reject; psd=y" },
      "_dmarc.bank",
    ],
  ])("%s with %j takes it from %s", async (domain, zone, name) => {
    expect((await walk(domain, zone)).inherited).toMatchObject({ kind: "inherited", name });
  });

  it("asks no more than the seven questions that are left after the domain's own", async () => {
    const label = fc.stringMatching(/^[a-z]{1,5}$/);
    await fc.assert(
      fc.asyncProperty(fc.array(label, { minLength: 1, maxLength: 30 }), async (labels) => {
        const { asked } = await walk(labels.join("."), {});
        expect(asked).toHaveLength(Math.min(labels.length - 1, 7));
        expect(asked.at(-1)).toBe(labels.length === 1 ? undefined : `_dmarc.${labels.at(-1)}`);
      }),
    );
  });
});
