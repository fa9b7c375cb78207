import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeMx } from "./mx-record.ts";

const hosts = { ours: ["mail1.a.example", "mail2.a.example"], aliases: new Map<string, string>() };

describe("MX records are judged by where mail goes", () => {
  it.each<[string, string[], string, string]>([
    ["ours alone", ["10 mail1.a.example."], "ok", ""],
    ["both of ours, in another order", ["10 mail2.a.example.", "20 mail1.a.example."], "ok", ""],
    [
      "Google first",
      ["1 aspmx.l.google.com.", "10 mail1.a.example."],
      "different",
      "aspmx.l.google.com first",
    ],
    ["a part for another", ["10 mail1.a.example.", "10 mx.b.example."], "different", "a part of the mail"],
    [
      "another behind",
      ["10 mail1.a.example.", "20 mx.b.example."],
      "attention",
      "mx.b.example when your server",
    ],
    ["another only", ["10 mx.b.example."], "different", "mx.b.example and not to mail1.a.example"],
    ["no mail at all", ["0 ."], "different", "takes no mail at all"],
    ["no mail beside ours", ["0 .", "10 mail1.a.example."], "different", "contradicts"],
    ["an address", ["10 mail1.a.example.", "20 192.0.2.1."], "different", "192.0.2.1 is an IP address"],
    ["none", [], "missing", ""],
  ])("%s: %j is %s", (_title, values, kind, why) => {
    const judgement = judgeMx("10 mail1.a.example", values, hosts);
    expect(judgement.kind).toBe(kind);
    if ("why" in judgement) expect(judgement.why).toContain(why);
  });

  it("what others take is said once, at our host that is asked first", () => {
    const values = ["10 mail1.a.example.", "20 mail2.a.example.", "30 mx.b.example."];
    expect(judgeMx("10 mail1.a.example", values, hosts).kind).toBe("attention");
    expect(judgeMx("20 mail2.a.example", values, hosts).kind).toBe("ok");
  });

  it("a host of ours that is only an alias is named", () => {
    const aliases = new Map([["mail1.a.example", "vps7.b.example"]]);
    expect(judgeMx("10 mail1.a.example", ["10 mail1.a.example."], { ...hosts, aliases })).toMatchObject({
      kind: "different",
      why: expect.stringContaining("vps7.b.example"),
    });
  });

  it("is never called right while somebody else is asked before us or with us", () => {
    const mx = fc.record({
      preference: fc.integer({ min: 0, max: 30 }),
      host: fc.constantFrom("mail1.a.example", "mail2.a.example", "mx.b.example", "mx.c.example"),
    });
    fc.assert(
      fc.property(fc.array(mx, { minLength: 1, maxLength: 6 }), (found) => {
        const values = found.map(({ preference, host }) => `${preference} ${host}.`);
        const best = Math.min(...found.map((one) => one.preference));
        const isStolen = found.some((one) => one.preference === best && !hosts.ours.includes(one.host));
        const kinds = hosts.ours.map((host) => judgeMx(`10 ${host}`, values, hosts).kind);
        if (isStolen) expect(kinds).toContain("different");
        if (found.every(({ host }) => !hosts.ours.includes(host))) expect(kinds).not.toContain("ok");
      }),
    );
  });
});

it("only a domain without any MX is told that nobody can send mail to it", () => {
  const effectOf = (values: readonly string[]) => judgeMx("10 mail1.a.example", values, hosts);
  expect(effectOf([])).toEqual({ kind: "missing" });
  expect(effectOf(["10 mx.old-provider.example"])).toMatchObject({
    kind: "different",
    effect: "Mail for this domain is delivered elsewhere, and none of it comes in here.",
  });
  expect(effectOf(["10 mail2.a.example"])).toMatchObject({
    kind: "missing",
    effect: expect.stringMatching(/^All mail comes in by the other servers/),
  });
});
