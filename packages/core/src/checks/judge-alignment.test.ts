import { expect, test } from "vitest";
import { planRecords, type RecordPurpose, type RecordVerdictKind } from "../dns/index.ts";
import { type AlignmentFacts, judgeAlignment } from "./judge-alignment.ts";

const smarthost = { host: "smtp.relay.example", port: 587, tls: "required" } as never;

function facts(
  kinds: Partial<Record<RecordPurpose, RecordVerdictKind>>,
  { policy = "reject", isRelayed = false }: { policy?: AlignmentFacts["policy"]; isRelayed?: boolean } = {},
): AlignmentFacts {
  const records = planRecords({
    domain: "a.example",
    servers: [
      {
        hostname: "mail.a.example",
        ipAddresses: ["198.51.100.7"],
        relays: isRelayed ? [{ sendersOf: "*", smarthost } as never] : [],
      },
    ],
    dkimKeys: [{ domain: "a.example", selector: "s1", algorithm: "rsa-2048", publicKey: "A".repeat(392) }],
  });
  return {
    domain: "a.example",
    policy,
    records: records.map((record) => ({
      record,
      verdict: { kind: kinds[record.purpose] ?? "ok", sentence: "As it is." },
    })),
  };
}
const kindsOf = (...args: Parameters<typeof facts>) =>
  judgeAlignment(facts(...args))?.map(({ kind, severity, about }) => `${kind} ${severity} ${about}`) ?? null;

test("mail that is aligned by its signature or by its envelope sender has no finding", () => {
  expect(kindsOf({})).toEqual([]);
  expect(kindsOf({ dkim: "missing" })).toEqual([]);
  expect(kindsOf({ spf: "different" })).toEqual([]);
});

test("mail that proves itself by nothing is found where receivers act on that", () => {
  const wrong = { dkim: "missing", spf: "different" } as const;
  expect(kindsOf(wrong)).toEqual(["dmarc-unaligned error a.example"]);
  expect(kindsOf(wrong, { policy: "quarantine" })).toEqual(["dmarc-unaligned error a.example"]);
  expect(kindsOf(wrong, { policy: "none" })).toEqual([]);
  expect(kindsOf(wrong, { policy: null })).toEqual([]);
});

test("behind a smarthost SPF speaks for the smarthost, and only the signature counts", () => {
  expect(kindsOf({ dkim: "missing" }, { isRelayed: true })).toEqual(["dmarc-unaligned error a.example"]);
  expect(kindsOf({ spf: "missing" }, { isRelayed: true })).toEqual([]);
});

test("what nobody could be asked about, or is on its way, is not judged", () => {
  expect(kindsOf({ dkim: "unanswered", spf: "different" })).toBeNull();
  expect(kindsOf({ dkim: "disagreeing", spf: "different" })).toBeNull();
  expect(judgeAlignment({ ...facts({ dkim: "missing", spf: "missing" }), policy: undefined })).toBeNull();
});
