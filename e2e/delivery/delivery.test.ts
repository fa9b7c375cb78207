import type { JobOrder } from "@mailstead/core/jobs";
import { cancelJob } from "@mailstead/services/jobs";
import { refreshFacts, restartService, unbanAddress } from "@mailstead/services/servers";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { SimulatedAgent } from "../fleet-sim/agent.ts";
import { readJob, untilJob } from "./look.ts";
import { openPlant, type Plant } from "./plant.ts";

describe("a job on its way to an agent", () => {
  let plant: Plant;
  beforeAll(async () => {
    plant = await openPlant();
    await plant.startGateway();
    await plant.startWorker();
  });
  afterAll(() => plant?.stop());

  const restart = async (agent: SimulatedAgent): Promise<string> => {
    const { serverId } = agent.identity;
    return (await restartService(plant.owner, { serverId, service: "postfix" })).jobId;
  };

  it("is delivered, run once and ended, with its whole story", async () => {
    const agent = await plant.addAgent({
      run: async (_job, tell) => {
        for (const line of ["stop", "start", "check"]) tell(line);
        return { kind: "succeeded", result: { tookMs: 12 } };
      },
    });
    agent.start();
    const jobId = await restart(agent);
    await untilJob(plant, jobId, "succeeded");
    expect(await readJob(plant, jobId)).toMatchObject({
      outcome: { kind: "succeeded", result: { tookMs: 12 } },
      numbers: [1, 2, 3],
      story: ["stop", "start", "check"],
    });
    expect(agent.startsOf(jobId)).toBe(1);
    await vi.waitFor(() => expect(agent.journal.open.size).toBe(0));
  });

  it("waits for a server that is offline and is delivered when it connects", async () => {
    const agent = await plant.addAgent();
    const jobId = await restart(agent);
    await vi.waitFor(async () => expect((await readJob(plant, jobId)).isSigned).toBe(true));
    expect((await readJob(plant, jobId)).state).toBe("queued");
    agent.start();
    await untilJob(plant, jobId, "succeeded");
  });

  it("changes a server one at a time and in order, while diagnostics go past", async () => {
    const events: string[] = [];
    const gate = Promise.withResolvers<void>();
    const agent = await plant.addAgent({
      run: async ({ order }) => {
        events.push(`begin ${order.sequence}`);
        if (order.sequence === 1) await gate.promise;
        events.push(`end ${order.sequence}`);
        return { kind: "succeeded", result: { tookMs: 1, wasBanned: false } };
      },
    });
    agent.start();
    const { serverId } = agent.identity;
    const changes = [await restart(agent), await restart(agent), await restart(agent)];
    await vi.waitFor(() => expect(events).toEqual(["begin 1"]), { timeout: 20_000 });
    const { jobId: diagnostic } = await unbanAddress(plant.owner, { serverId, address: "192.0.2.7" });
    await untilJob(plant, diagnostic, "succeeded");
    expect(events).toEqual(["begin 1", "begin 4", "end 4"]);
    expect((await readJob(plant, changes[1] ?? "")).state).toBe("queued");
    gate.resolve();
    for (const jobId of changes) await untilJob(plant, jobId, "succeeded");
    expect(events).toEqual(["begin 1", "begin 4", "end 4", "end 1", "begin 2", "end 2", "begin 3", "end 3"]);
  });

  it("fails with the agent's sentence when the host's owner forbids it, and the next one goes on", async () => {
    const agent = await plant.addAgent({
      answer: ({ sequence }) =>
        sequence === 1 ? { kind: "refuse", sentence: "The owner forbids restarts." } : { kind: "accept" },
    });
    agent.start();
    const [first, second] = [await restart(agent), await restart(agent)];
    await untilJob(plant, first, "failed");
    expect((await readJob(plant, first)).outcome).toEqual({
      kind: "failed",
      problem: "The owner forbids restarts.",
      retry: "permanent",
    });
    await untilJob(plant, second, "succeeded");
  });

  it("takes the place of a waiting job of its kind, and carries its newer arguments", async () => {
    const orders: JobOrder[] = [];
    const agent = await plant.addAgent({ onStart: (order) => orders.push(order) });
    const { serverId } = agent.identity;
    const first = await refreshFacts(plant.owner, { serverId });
    await vi.waitFor(async () => expect((await readJob(plant, first.jobId)).isSigned).toBe(true));
    const second = await refreshFacts(plant.owner, { serverId });
    expect(second.jobId).toBe(first.jobId);
    agent.start();
    await untilJob(plant, first.jobId, "succeeded");
    expect(orders).toHaveLength(1);
  });

  it("ends at once when it is cancelled before it left, and by its agent afterwards", async () => {
    const agent = await plant.addAgent({
      run: async (job) => {
        await vi.waitFor(() => expect(job.isCancelRequested).toBe(true), 10_000);
        return { kind: "cancelled" };
      },
    });
    const early = await restart(agent);
    expect(await cancelJob(plant.owner, { jobId: early })).toEqual({ hasEnded: true });
    expect((await readJob(plant, early)).state).toBe("cancelled");
    agent.start();
    const late = await restart(agent);
    await untilJob(plant, late, "running", "accepted");
    expect(await cancelJob(plant.owner, { jobId: late })).toEqual({ hasEnded: false });
    await untilJob(plant, late, "cancelled");
    expect(agent.startsOf(early)).toBe(0);
  });

  it("stores the story without gaps and each line once, however the events arrive", async () => {
    const gate = Promise.withResolvers<void>();
    const agent = await plant.addAgent({
      run: async () => {
        await gate.promise;
        return { kind: "succeeded", result: { tookMs: 1 } };
      },
    });
    agent.start();
    const jobId = await restart(agent);
    await vi.waitFor(() => expect(agent.startsOf(jobId)).toBe(1), 10_000);
    const event = (number: number) => ({
      number,
      atUnixMs: Date.now(),
      body: { kind: "log" as const, level: "info" as const, text: `line ${number}` },
    });
    const answers = () =>
      agent.heard.flatMap((frame) => (frame.type === "progress-stored" ? [frame.number] : []));
    agent.send({ type: "job-progress", jobId, events: [event(1), event(2)] });
    agent.send({ type: "job-progress", jobId, events: [event(2), event(1), event(3)] });
    agent.send({ type: "job-progress", jobId, events: [event(5)] });
    agent.send({ type: "job-progress", jobId, events: [event(4), event(5)] });
    await vi.waitFor(() => expect(answers()).toEqual([2, 3, 3, 5]));
    expect((await readJob(plant, jobId)).numbers).toEqual([1, 2, 3, 4, 5]);
    gate.resolve();
    await untilJob(plant, jobId, "succeeded");
  });

  it("hands an agent the exact text of a target state, and null for one that there is not", async () => {
    const agent = await plant.addAgent();
    agent.start();
    await vi.waitFor(() => expect(agent.isConnected).toBe(true));
    const [known, unknown] = [agent.askTargetState(1), agent.askTargetState(99)];
    const answer = (requestId: string) =>
      agent.heard.find((frame) => frame.type === "target-state" && frame.requestId === requestId);
    await vi.waitFor(() => expect(answer(unknown)).toMatchObject({ document: null }));
    const { rows } = await plant.database.admin.pool.query<{ document: string }>(
      "select document from target_states where server_id = $1",
      [agent.identity.serverId],
    );
    expect(answer(known)).toMatchObject({ document: rows[0]?.document });
  });
});
