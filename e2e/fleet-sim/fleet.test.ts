import { getServer, refreshFacts, restartService } from "@mailstead/services/servers";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { readJob, untilJob } from "../delivery/look.ts";
import { openPlant, type Plant } from "../delivery/plant.ts";
import { type FaultShares, faultOf, type Lie } from "./faults.ts";
import { type Fleet, openFleet } from "./fleet.ts";
import type { SimulatedIdentity } from "./identity.ts";
import { openFleetProcesses } from "./processes.ts";
import { seedAgents } from "./seed-agents.ts";
import { attemptsPerRow } from "./simulated-telemetry.ts";

const timeout = 60_000;

describe("a simulated fleet at a real control plane", () => {
  let plant: Plant;
  let gatewayUrl: string;
  beforeAll(async () => {
    plant = await openPlant();
    gatewayUrl = (await plant.startGateway()).linkUrl;
    await plant.startWorker();
  });
  afterAll(() => plant?.stop());

  const enrol = (count: number): Promise<readonly SimulatedIdentity[]> => {
    const { organisationId, installation } = plant.owner;
    const { signingPublicKey } = installation;
    const { tenantId } = plant;
    return seedAgents(plant.database.admin, {
      organisationId,
      tenantId,
      count,
      gatewayUrl,
      signingPublicKey,
    });
  };

  /** A fleet whose first agent has a fault, found by the seed that gives it. */
  const openFaulty = async ({
    kind,
    isWanted = () => true,
    count = 1,
  }: {
    kind: keyof FaultShares;
    isWanted?: (fault: ReturnType<typeof faultOf>) => boolean;
    count?: number;
  }): Promise<{ fleet: Fleet; identities: readonly SimulatedIdentity[] }> => {
    // All have the fault, and the seed decides how the first one has it.
    const shares = { [kind]: 1 };
    const seed = Array.from({ length: 1000 }, (_, seed) => seed).find((seed) =>
      isWanted(faultOf(shares, { seed, agentNumber: 0 })),
    );
    const identities = await enrol(count);
    const members = identities.map((identity, number) => ({ number, identity }));
    const fleet = openFleet({ members, shares, seed: seed ?? 0 });
    onTestFinished(() => fleet.close());
    await vi.waitFor(() => expect(fleet.tally().welcomes).toBeGreaterThanOrEqual(count), { timeout });
    return { fleet, identities };
  };

  const serverOf = ([identity]: readonly SimulatedIdentity[]) => identity?.serverId ?? "";
  const restart = async (serverId: string) =>
    (await restartService(plant.owner, { serverId, service: "postfix" })).jobId;
  const isLying = (lie: Lie) => (fault: ReturnType<typeof faultOf>) =>
    fault.kind === "lying" && fault.lie === lie;

  it("connects from several processes with real keys, does what it is ordered once, and tells so", async () => {
    const identities = await enrol(6);
    const heard: string[] = [];
    const fleet = openFleetProcesses({
      members: identities.map((identity, number) => ({ number, identity })),
      processes: 2,
      onOrder: (jobId) => heard.push(jobId),
    });
    onTestFinished(() => fleet.close());
    await vi.waitFor(() => expect(fleet.tally()).toMatchObject({ agents: 6, connected: 6 }), { timeout });
    fleet.watch(true);
    const jobIds = await Promise.all(identities.map(({ serverId }) => restart(serverId)));
    for (const jobId of jobIds) await untilJob(plant, jobId, "succeeded");
    const told = await refreshFacts(plant.owner, { serverId: serverOf(identities) });
    await untilJob(plant, told.jobId, "succeeded");
    await vi.waitFor(() => expect(fleet.tally()).toMatchObject({ confirmed: 7, startedAgain: 0 }), {
      timeout,
    });
    await vi.waitFor(() => expect(new Set(heard)).toEqual(new Set([...jobIds, told.jobId])), { timeout });
    expect(await fleet.readStarts()).toEqual(new Map([...jobIds, told.jobId].map((jobId) => [jobId, 1])));
    expect(await getServer(plant.owner, { serverId: serverOf(identities) })).toMatchObject({
      status: "healthy",
    });
  });

  it("slow: the job runs until its agent is done, and the next one waits", async () => {
    const { identities } = await openFaulty({
      kind: "slow",
      isWanted: (fault) => fault.kind === "slow" && fault.takesMs < 7_000,
    });
    const [first, next] = [await restart(serverOf(identities)), await restart(serverOf(identities))];
    await untilJob(plant, first, "accepted", "running");
    expect((await readJob(plant, next)).state).toBe("queued");
    await untilJob(plant, first, "succeeded");
    await untilJob(plant, next, "succeeded");
  });

  it.each(["temporary", "permanent"] as const)("failing: a %s failure is told as such", async (retry) => {
    const { identities } = await openFaulty({
      kind: "failing",
      isWanted: (fault) => fault.kind === "failing" && fault.retry === retry,
    });
    const job = await untilJob(plant, await restart(serverOf(identities)), "failed");
    expect(job.outcome).toMatchObject({ kind: "failed", retry });
  });

  it("flapping: connections that break again and again lose no job", async () => {
    const { fleet, identities } = await openFaulty({
      kind: "flapping",
      isWanted: (fault) => fault.kind === "flapping" && fault.everyMs < 11_000,
    });
    await vi.waitFor(() => expect(fleet.tally().losses).toBeGreaterThan(0), { timeout });
    const jobId = await restart(serverOf(identities));
    await untilJob(plant, jobId, "succeeded");
    expect(fleet.starts().get(jobId)).toBe(1);
  });

  it("vanishing: the job of an agent that went with it is unknown, and nothing is sent after it", async () => {
    const { fleet, identities } = await openFaulty({
      kind: "vanishing",
      isWanted: (fault) => fault.kind === "vanishing" && fault.awayMs === null,
    });
    const serverId = serverOf(identities);
    const [jobId, next] = [await restart(serverId), await restart(serverId)];
    await untilJob(plant, jobId, "unknown");
    expect((await readJob(plant, next)).state).toBe("queued");
    expect(await getServer(plant.owner, { serverId })).toMatchObject({ status: "offline" });
    expect(fleet.tally()).toMatchObject({ vanished: 1, connected: 0 });
    // Had it come back, its journal would have settled both.
    fleet.agents[0]?.start();
    await untilJob(plant, jobId, "succeeded");
  });

  it("lying about an end: the job ends once, and what is said of it later changes nothing", async () => {
    const { fleet, identities } = await openFaulty({ kind: "lying", isWanted: isLying("ends-unstarted") });
    const jobId = await restart(serverOf(identities));
    const job = await untilJob(plant, jobId, "succeeded");
    expect(job).toMatchObject({ outcome: { kind: "succeeded", result: null }, story: [] });
    fleet.agents[0]?.send({ type: "job-accepted", jobId });
    const outcome = { kind: "failed", problem: "On second thoughts.", retry: "permanent" } as const;
    fleet.agents[0]?.send({ type: "job-ended", jobId, progressNumber: 0, outcome });
    await untilJob(plant, await restart(serverOf(identities)), "succeeded");
    expect(await readJob(plant, jobId)).toMatchObject({ state: "succeeded", outcome: job.outcome });
  });

  it("lying about progress: nothing is stored after a gap, and no end is confirmed whose story is not whole", async () => {
    const { fleet, identities } = await openFaulty({ kind: "lying", isWanted: isLying("wrong-progress") });
    const jobId = await restart(serverOf(identities));
    expect(await untilJob(plant, jobId, "succeeded")).toMatchObject({ numbers: [] });
    await untilJob(plant, await restart(serverOf(identities)), "succeeded");
    expect((await readJob(plant, jobId)).numbers).toEqual([]);
    expect(fleet.tally()).toMatchObject({ lies: 2, startedAgain: 0 });
  });

  it("lying about another's job: a server speaks for its own jobs only", async () => {
    const { fleet, identities } = await openFaulty({ kind: "lying", isWanted: isLying("others-job") });
    const [victim] = await enrol(1);
    const ofVictim = await restart(victim?.serverId ?? "");
    await vi.waitFor(async () => expect((await readJob(plant, ofVictim)).isSigned).toBe(true), { timeout });
    const outcome = { kind: "cancelled" } as const;
    fleet.agents[0]?.send({ type: "job-accepted", jobId: ofVictim });
    fleet.agents[0]?.send({ type: "job-ended", jobId: ofVictim, progressNumber: 0, outcome });
    await untilJob(plant, await restart(serverOf(identities)), "succeeded");
    expect(fleet.tally().lies).toBe(1);
    expect(await readJob(plant, ofVictim)).toMatchObject({ state: "queued", outcome: null });
  });

  it.each([
    { lie: "repeats-telemetry", promise: "sent twice is counted once" },
    { lie: "skips-telemetry", promise: "whose numbers have holes is counted as it came" },
  ] as const)("lying about telemetry: what is $promise", async ({ lie }) => {
    const rowsPerMinute = 3;
    const shares = { lying: 1 };
    const seed = Array.from({ length: 1000 }, (_, seed) => seed).find((seed) =>
      isLying(lie)(faultOf(shares, { seed, agentNumber: 0 })),
    );
    const identities = await enrol(1);
    const fleet = openFleet({
      members: identities.map((identity, number) => ({ number, identity })),
      shares,
      seed: seed ?? 0,
      rowsPerMinute,
      tellEveryMs: 400,
    });
    onTestFinished(() => fleet.close());
    await vi.waitFor(() => expect(fleet.tally().batchesStored).toBeGreaterThanOrEqual(3), { timeout });
    fleet.close();
    const stored = async () => {
      const { rows } = await plant.database.admin.pool.query<{ attempts: string; sequence: string }>(
        `select (select sum(attempts) from delivery_minutes where server_id = $1) as attempts,
           (select sequence from telemetry_streams where server_id = $1) as sequence`,
        [serverOf(identities)],
      );
      return { attempts: Number(rows[0]?.attempts), sequence: Number(rows[0]?.sequence) };
    };
    const perNumber = lie === "skips-telemetry" ? 3 : 1;
    await vi.waitFor(
      async () => {
        const { attempts, sequence } = await stored();
        expect(attempts).toBe((sequence / perNumber) * rowsPerMinute * attemptsPerRow);
      },
      { timeout },
    );
  });

  it("cloned: both hosts are locked out, until a person has looked", async () => {
    const { fleet, identities } = await openFaulty({
      kind: "cloned",
      isWanted: (fault) => fault.kind === "cloned" && fault.afterMs < 6_000,
    });
    const serverId = serverOf(identities);
    await vi.waitFor(() => expect(fleet.tally()).toMatchObject({ clones: 1, connected: 0, lockedOut: 1 }), {
      timeout,
    });
    expect(await getServer(plant.owner, { serverId })).toMatchObject({ status: "quarantined" });
    expect(fleet.starts().size).toBe(0);
  });
});
