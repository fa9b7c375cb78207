import type { WarmUpTrack, warmUpStages } from "@mailstead/core/measures";
import { measures, warmUps } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { type ServiceContext, withTransaction } from "../context/index.ts";
import { changeWarmUp, keepMeasureFindings, startMeasure, startWarmUp } from "../measures/index.ts";
import { getServerForChange } from "../servers/index.ts";
import type { DemoServer } from "./fleet.ts";
import { never } from "./never.ts";
import type { DemoStage } from "./tell-server.ts";

const hourMs = 3_600_000;
const warmUpDays = 4;

/** One server sends slower to a provider that asked for it, and another brings its new address in. */
export async function tellMeasures(stage: DemoStage, serverId: string, demo: DemoServer): Promise<void> {
  const [person] = stage.people;
  if (person === undefined) throw new Error("the demo has no people");
  if (demo.trouble === "gmail-rate") {
    stage.clock.now = new Date(stage.today.getTime() - 5 * hourMs);
    await startMeasure(person, {
      serverIds: [serverId],
      kind: "throttle",
      provider: "gmail",
      reason: "Gmail puts mail off with 421 4.7.28 since this morning.",
    });
    await prolong(person, serverId);
    await leaveAlone(person, serverId);
  }
  if (demo.isAddressNew === true) await tellWarmUp(stage, person, { serverId, demo });
}

async function tellWarmUp(
  stage: DemoStage,
  person: ServiceContext,
  { serverId, demo }: { serverId: string; demo: DemoServer },
): Promise<void> {
  const [address] = demo.ipAddresses;
  if (address === undefined) throw new Error(`${demo.hostname} has no address to warm up`);
  stage.clock.now = new Date(stage.today.getTime() - warmUpDays * 24 * hourMs);
  const { warmUpId } = await startWarmUp(person, { serverId, address });
  stage.clock.now = new Date(stage.today.getTime() - 6 * hourMs);
  const stageSince = stage.clock.now.toISOString();
  const tracks = Object.entries({ gmail: 3, microsoft365: 2, outlook: 1, yahoo: 0 }).map(
    ([provider, at]): WarmUpTrack => ({
      provider: provider as keyof typeof warmUpStages,
      stage: at,
      stageSince,
      because: at === 0 ? "not-enough-mail" : at === 1 ? "refused" : "enough-accepted",
    }),
  );
  await withTransaction(person, (tx) => tx.update(warmUps).set({ tracks }).where(eq(warmUps.id, warmUpId)));
  await changeWarmUp(person, { warmUpId, to: "running" });
  await leaveAlone(person, serverId);
}

/** It did not help in time, which is told as a finding. */
async function prolong(person: ServiceContext, serverId: string): Promise<void> {
  await withTransaction(person, async (tx) => {
    await tx.update(measures).set({ isProlonged: true }).where(eq(measures.serverId, serverId));
    await keepMeasureFindings(tx, person, await getServerForChange(tx, serverId));
  });
}

/** No host stands behind the demo that could take up what the worker would decide. */
async function leaveAlone(person: ServiceContext, serverId: string): Promise<void> {
  await withTransaction(person, async (tx) => {
    await tx.update(measures).set({ lookAt: never }).where(eq(measures.serverId, serverId));
    await tx.update(warmUps).set({ lookAt: never }).where(eq(warmUps.serverId, serverId));
  });
}
