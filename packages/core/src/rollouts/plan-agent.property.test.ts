import fc from "fast-check";
import { expect, test } from "vitest";
import { decideUpdate, type Manifest } from "../agent-updates/index.ts";
import { planAgent } from "./plan-agent.ts";

const version = fc.constantFrom("1.0.0-a", "1.1.0-b", "1.2.0-c");
const file = { file: "v/f", sha256: "0".repeat(64), sizeBytes: 1 };
const question = fc.record({
  installed: fc.record({ version, number: fc.nat(5) }),
  architecture: fc.constantFrom("x64" as const, "arm64" as const),
  manifest: fc.record<Manifest>({
    number: fc.nat(5),
    channel: fc.constant("stable"),
    version,
    created: fc.constant(0),
    expires: fc.constant(9),
    unattendedFrom: fc.constant(0),
    updater: fc.constant(file),
    agents: fc.constantFrom({ "linux-x64": file }, { "linux-x64": file, "linux-arm64": file }),
    rollsBackFrom: fc.option(fc.array(version, { maxLength: 2 })),
  }),
});

test("a plan gives an agent to exactly those whose updater would take it, as far as their numbers are known", () => {
  fc.assert(
    fc.property(question, ({ installed, architecture, manifest }) => {
      const decision = decideUpdate({
        ...{ manifest, installed, platform: `linux-${architecture}`, channel: "stable", isOrdered: true },
        seen: { sequence: 0, number: 0 },
        delegation: { sequence: 1, key: "k", notBefore: 0, expires: 9 },
        nowUnixSeconds: 1,
      });
      const { number, rollsBackFrom } = manifest;
      const release = {
        ...{ version: manifest.version, number, rollsBackFrom, expiresUnixSeconds: 9 },
        manifestDigest: "0".repeat(64),
        platforms: Object.keys(manifest.agents),
      };
      const planned = planAgent({ ...installed, architecture }, release);
      expect(planned.kind === "gets").toBe(decision.kind === "update");
      // Who is not known to be ahead is ordered, and the updater itself has the last word.
      const unknown = planAgent({ ...installed, number: null, architecture }, release);
      if (decision.kind === "update") expect(unknown.kind).toBe("gets");
    }),
    { numRuns: 2000 },
  );
});
