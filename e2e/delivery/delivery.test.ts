import { restartService } from "@mailstead/services/servers";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { readJob } from "./look.ts";
import { openPlant, type Plant } from "./plant.ts";

describe("a job on its way to an agent", () => {
  let plant: Plant;
  beforeAll(async () => {
    plant = await openPlant();
    await plant.startGateway();
    await plant.startWorker();
  });
  afterAll(() => plant?.stop());

  it("is delivered, run once and ended, with its whole story", async () => {
    const agent = await plant.addAgent({
      run: async (_job, tell) => {
        for (const line of ["stop", "start", "check"]) tell(line);
        return { kind: "succeeded", result: { tookMs: 12 } };
      },
    });
    agent.start();
    const { jobId } = await restartService(plant.owner, {
      serverId: agent.identity.serverId,
      service: "postfix",
    });
    await vi.waitFor(
      async () => expect(await readJob(plant, jobId)).toMatchObject({ state: "succeeded" }),
      10_000,
    );
    expect(await readJob(plant, jobId)).toMatchObject({
      outcome: { kind: "succeeded", result: { tookMs: 12 } },
      progressNumber: 3,
      story: ["stop", "start", "check"],
    });
    expect(agent.startsOf(jobId)).toBe(1);
    await vi.waitFor(() => expect(agent.journal.open.size).toBe(0));
  });
});
