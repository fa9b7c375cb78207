import { dkimRotations } from "@mailstead/db";
import { afterAll, afterEach } from "vitest";
import { openRotationTest, type RotationTest } from "../testing/rotation-world.ts";
import { openServiceTest } from "../testing/service-test.ts";
import type { TestZone } from "../testing/test-zone.ts";
import { runDueRotations, startRotation } from "./index.ts";

/** Domains with hosts and a zone each, in which rotations run by the clock of the test; each is closed after its test. */
export async function openRotationWorlds() {
  const t = await openServiceTest();
  const opened: TestZone[] = [];
  afterEach(async () => {
    for (const zone of opened.splice(0)) zone.close();
    // The worker looks after every rotation that there is, and each test has a zone of its own.
    await t.database.admin.query.delete(dkimRotations);
  });
  afterAll(() => t.close());

  async function open(name: string, ourZone?: string): Promise<RotationTest> {
    const world = await openRotationTest(t, name, ourZone);
    opened.push(world.zone);
    return world;
  }

  const start = ({ domainId }: RotationTest, kind: "by-hand" | "compromise" = "by-hand") =>
    startRotation(t.owner, { domainId, kind });

  /** One run of the worker, after the hosts have done what they were told. */
  async function run({ zone, hosts }: RotationTest): Promise<void> {
    for (const host of hosts) await host.work();
    const { failed } = await runDueRotations(t.system, {
      app: t.database.app,
      installation: t.installation,
      publisher: zone,
      witness: zone.witness,
    });
    for (const { cause } of failed) throw cause;
  }

  return { t, opened, open, start, run };
}
