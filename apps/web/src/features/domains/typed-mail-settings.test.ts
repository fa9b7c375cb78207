import { expect, test } from "vitest";
import { type Typed, typedDmarc, typedOthers, typedSpf } from "./typed-mail-settings.ts";

const typed =
  (fields: Record<string, string>): Typed =>
  (field) =>
    fields[field] ?? "";

test("senders are read as people paste them: one per line, or whole terms of an SPF record", () => {
  const fields = {
    includes: "include:_spf.news.example\n spf.office.example, ~include:c.example",
    addresses: "ip4:192.0.2.7 2001:db8::/48",
  };
  expect(typedSpf(typed(fields), { isFlattened: false })).toEqual({
    includes: ["_spf.news.example", "spf.office.example", "c.example"],
    addresses: ["192.0.2.7", "2001:db8::/48"],
    isFlattened: false,
  });
});

test("a policy that was not chosen is the domain's, and reports go to plain addresses", () => {
  const fields = {
    policy: "none",
    nonexistentPolicy: "reject",
    reportsTo: "mailto:d@a.example\ne@a.example",
  };
  expect(typedDmarc(typed(fields), { isDkimStrict: true, isSpfStrict: false })).toEqual({
    policy: "none",
    subdomainPolicy: null,
    nonexistentPolicy: "reject",
    dkimAlignment: "strict",
    spfAlignment: "relaxed",
    reportsTo: ["d@a.example", "e@a.example"],
    failureReportsTo: [],
  });
});

test("empty fields want no logo, and a certificate alone is kept for the answer", () => {
  expect(typedOthers(typed({ namesWithoutMail: "www\nshop" }))).toEqual({
    namesWithoutMail: ["www", "shop"],
    tlsReportsTo: [],
    bimi: null,
  });
  expect(typedOthers(typed({ certificateUrl: " https://a.example/l.pem " })).bimi).toEqual({
    logoUrl: "",
    certificateUrl: "https://a.example/l.pem",
  });
});
