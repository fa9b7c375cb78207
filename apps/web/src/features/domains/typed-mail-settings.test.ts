import { expect, test } from "vitest";
import {
  type Typed,
  typedDmarc,
  typedOthers,
  typedSmarthostRecords,
  typedSpf,
} from "./typed-mail-settings.ts";

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

test("a service's records are read as people paste them: bare, or as lines of a zone file", () => {
  const smarthostRecords = `t1._domainkey.alpha.example.  CNAME  T1.dkim.amazonses.com.
pm-bounces 3600 IN CNAME pm.mtasv.net

s1._domainkey TXT "k=rsa; p=MIG" "fMA0"
bounce mx 10 feedback-smtp.eu-west-1.amazonses.com`;
  expect(typedSmarthostRecords(typed({ smarthostRecords }))).toEqual([
    { name: "t1._domainkey.alpha.example", type: "CNAME", value: "t1.dkim.amazonses.com" },
    { name: "pm-bounces", type: "CNAME", value: "pm.mtasv.net" },
    { name: "s1._domainkey", type: "TXT", value: "k=rsa; p=MIGfMA0" },
    { name: "bounce", type: "MX", value: "10 feedback-smtp.eu-west-1.amazonses.com" },
  ]);
});
