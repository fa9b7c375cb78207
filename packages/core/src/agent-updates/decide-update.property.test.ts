import fc from "fast-check";
import { expect, test } from "vitest";
import { decideUpdate, type UpdateQuestion } from "./decide-update.ts";
import type { Manifest } from "./documents.ts";

const version = fc.constantFrom("1.0.0-a", "1.1.0-b", "1.2.0-c");
const small = fc.nat(8);
const file = { file: "v/f", sha256: "0".repeat(64), sizeBytes: 1 };
const manifest = fc.record<Manifest>({
  number: small,
  channel: fc.constantFrom("stable", "stable", "early"),
  version,
  created: fc.constant(0),
  expires: small,
  unattendedFrom: fc.constant(0),
  updater: fc.constant(file),
  agents: fc.constantFrom({ "linux-x64": file }, { "linux-x64": file }, {}),
  rollsBackFrom: fc.option(fc.array(version, { maxLength: 2 })),
});
const question = fc.record<UpdateQuestion>({
  platform: fc.constant("linux-x64"),
  channel: fc.constant("stable"),
  installed: fc.record({ version, number: small }),
  seen: fc.record({ sequence: small, number: small }),
  isOrdered: fc.boolean(),
  delegation: fc.record({ sequence: small, key: fc.constant("k"), notBefore: small, expires: small }),
  manifest,
  nowUnixSeconds: small,
});

const holds = (claim: (asked: UpdateQuestion, kind: string) => void) =>
  fc.assert(
    fc.property(question, (asked) => claim(asked, decideUpdate(asked).kind)),
    { numRuns: 3000 },
  );

test("no host goes back to an earlier manifest, whatever it says", () => {
  holds(({ manifest, installed }, kind) => {
    if (manifest.number <= installed.number) expect(kind).not.toBe("update");
  });
});

test("a rollback moves only hosts that run what it names", () => {
  holds(({ manifest, installed }, kind) => {
    if (kind === "update" && manifest.rollsBackFrom !== null)
      expect(manifest.rollsBackFrom).toContain(installed.version);
  });
});

test("what is behind what was seen is refused; only an order may name an earlier manifest", () => {
  holds(({ manifest, delegation, seen, isOrdered }, kind) => {
    if (delegation.sequence < seen.sequence) expect(kind).toBe("refuse");
    if (manifest.number < seen.number && !isOrdered) expect(kind).toBe("refuse");
  });
});

test("nothing is installed by what has expired, and expiry alone is a warning and no refusal", () => {
  holds((asked, kind) => {
    const isExpired =
      asked.nowUnixSeconds >= asked.manifest.expires || asked.nowUnixSeconds >= asked.delegation.expires;
    if (isExpired) expect(["warn-expired", "refuse"]).toContain(kind);
    else expect(kind).not.toBe("warn-expired");
    if (kind !== "update" || isExpired) return;
    const later = decideUpdate({ ...asked, nowUnixSeconds: 100 });
    expect(later.kind).toBe("warn-expired");
  });
});

test("a host with an agent for its platform is given nothing else", () => {
  holds(({ manifest, channel }, kind) => {
    if (kind !== "update") return;
    expect(manifest.agents["linux-x64"]).toBeDefined();
    expect(manifest.channel).toBe(channel);
  });
});
