import { decideUpdate, type Manifest } from "@mailstead/core/agent-updates";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { nowSeconds, platform, UpdatedHost } from "./testing/updated-host.ts";

vi.setConfig({ testTimeout: 120_000 });
const describeUpdater = process.platform === "linux" ? describe : describe.skip;

const version = fc.constantFrom("1.0.0", "1.1.0");
const mostly = <T>(usual: T, rare: T) => fc.constantFrom(usual, usual, usual, usual, rare);
const near = fc.integer({ min: 9, max: 12 });
const asked = fc.record({
  number: near,
  version,
  channel: mostly("stable", "early"),
  hasExpired: mostly(false, true),
  hasAgent: mostly(true, false),
  rollsBackFrom: fc.option(fc.array(version, { maxLength: 2 })),
  delegation: fc.record({
    sequence: mostly(4, 2),
    isEarly: mostly(false, true),
    hasExpired: mostly(false, true),
  }),
  installed: fc.record({ version, number: near }),
  seen: fc.record({ sequence: fc.constant(3), number: near }),
});

describeUpdater("mailstead-updater", () => {
  let host: UpdatedHost;
  beforeAll(async () => {
    host = await UpdatedHost.open();
  });
  afterAll(() => host.close());

  test("decides as core does", async () => {
    await fc.assert(
      fc.asyncProperty(asked, async ({ delegation, installed, seen, ...said }) => {
        const now = nowSeconds();
        const validity = {
          sequence: delegation.sequence,
          notBefore: delegation.isEarly ? now + 3600 : now - 3600,
          expires: delegation.hasExpired ? now - 1800 : now + 7200,
        };
        host.delegate(validity);
        const { hasExpired, hasAgent, ...rest } = said;
        const changes: Partial<Manifest> = { ...rest, expires: hasExpired ? now - 60 : now + 7200 };
        const { manifest } = host.publish(hasAgent ? changes : { ...changes, agents: {} });
        const facts = (values: object) =>
          Object.entries(values)
            .map(([name, value]) => `${name} ${value}\n`)
            .join("");
        host.write("var/lib/mailstead/updater/installed", facts(installed));
        host.write("var/lib/mailstead/updater/seen", facts(seen));
        await host.updater("check");
        const decision = decideUpdate({
          ...{ platform, channel: "stable", installed, seen, isOrdered: false, manifest },
          delegation: { ...validity, key: "" },
          nowUnixSeconds: now,
        });
        expect(host.fact("last-check", "decision")).toBe(decision.kind);
      }),
      { numRuns: 150 },
    );
  });
});
