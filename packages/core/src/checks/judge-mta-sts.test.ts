import { describe, expect, test } from "vitest";
import { type FetchedPolicy, judgeMtaSts, type MtaStsFacts } from "./judge-mta-sts.ts";
import { isCovered } from "./mta-sts-policy.ts";

const text = (mode = "enforce", rest = "mx: mail1.msp.example\r\nmax_age: 604800\r\n") =>
  `version: STSv1\r\nmode: ${mode}\r\n${rest}`;
const answered = (changed: Partial<Extract<FetchedPolicy, { kind: "answered" }>> = {}): FetchedPolicy => ({
  kind: "answered",
  status: 200,
  contentType: "text/plain; charset=utf-8",
  location: null,
  text: text(),
  ...changed,
});
const facts = (changed: Partial<MtaStsFacts> = {}): MtaStsFacts => ({
  domain: "a.example",
  id: "1",
  fetched: answered(),
  mailHosts: ["mail1.msp.example"],
  before: null,
  ...changed,
});

describe("the policy of a domain", () => {
  test.each<[string, Partial<MtaStsFacts>, string[]]>([
    ["is right", {}, []],
    [
      "cannot be fetched",
      { fetched: { kind: "failed", problem: "no address" } },
      ["mta-sts-unreachable warning"],
    ],
    ["is not there", { fetched: answered({ status: 404 }) }, ["mta-sts-served-wrong warning"]],
    [
      "redirects",
      { fetched: answered({ status: 301, location: "https://www.a.example/" }) },
      ["mta-sts-served-wrong warning"],
    ],
    ["is HTML", { fetched: answered({ contentType: "text/html" }) }, ["mta-sts-served-wrong warning"]],
    ["has no type", { fetched: answered({ contentType: null }) }, ["mta-sts-served-wrong warning"]],
    ["is a page", { fetched: answered({ text: "<html>" }) }, ["mta-sts-policy warning"]],
    [
      "is of another version",
      { fetched: answered({ text: text().replace("STSv1", "STSv2") }) },
      ["mta-sts-policy warning"],
    ],
    ["has no known mode", { fetched: answered({ text: text("strict") }) }, ["mta-sts-policy warning"]],
    [
      "has no host",
      { fetched: answered({ text: text("enforce", "max_age: 604800\n") }) },
      ["mta-sts-policy warning"],
    ],
    [
      "ends never",
      { fetched: answered({ text: text("enforce", "mx: a.example\nmax_age: 99999999\n") }) },
      ["mta-sts-policy warning"],
    ],
    ["is switched off", { fetched: answered({ text: text("none", "max_age: 60\n") }) }, []],
    [
      "does not name a host and is enforced",
      { mailHosts: ["mail1.msp.example", "mx2.b.example"] },
      ["mta-sts-mx error"],
    ],
    [
      "does not name a host and is tested",
      { mailHosts: ["mx2.b.example"], fetched: answered({ text: text("testing") }) },
      ["mta-sts-mx warning"],
    ],
    ["is checked while nobody says the hosts", { mailHosts: null }, []],
    ["changed with its id", { before: { id: "0", policyText: text("testing") } }, []],
    [
      "changed under its old id",
      { before: { id: "1", policyText: text("testing") } },
      ["mta-sts-id warning"],
    ],
    [
      "is forgotten within the hour",
      { fetched: answered({ text: text("enforce", "mx: *.msp.example\nmax_age: 3600\n") }) },
      ["mta-sts-short instruction"],
    ],
  ])("that %s", (_title, changed, expected) => {
    expect(judgeMtaSts(facts(changed)).map(({ kind, severity }) => `${kind} ${severity}`)).toEqual(expected);
  });

  test.each([
    ["mail1.msp.example", "MAIL1.msp.example.", true],
    ["mail1.msp.example", "*.msp.example", true],
    ["a.mail1.msp.example", "*.msp.example", false],
    ["msp.example", "*.msp.example", false],
  ])("%s is named by %s: %s", (host, pattern, expected) => {
    expect(isCovered(host, [pattern])).toBe(expected);
  });
});
