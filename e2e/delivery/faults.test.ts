import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gatewayChannel } from "@mailstead/services/bus";
import { cancelJob } from "@mailstead/services/jobs";
import { restartService } from "@mailstead/services/servers";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { compileAgent } from "../agent/agent-host.ts";
import { runExactlyOnce } from "../exactly-once/run.ts";
import type { AgentScript, SimulatedAgent } from "../fleet-sim/agent.ts";
import { describeLab } from "../lab/describe-lab.ts";
import { readJob, untilJob } from "./look.ts";
import { type GatewayPart, openPlant, type Part, type Plant } from "./plant.ts";

describe("nothing is lost and nothing runs twice", () => {
  let plant: Plant;
  let gateway: GatewayPart;
  let worker: Part;
  beforeAll(async () => {
    plant = await openPlant();
    gateway = await plant.startGateway();
    worker = await plant.startWorker();
  });
  afterAll(() => plant?.stop());

  const addAgent = async (script?: AgentScript): Promise<SimulatedAgent> => {
    const agent = await plant.addAgent(script);
    onTestFinished(() => agent.close());
    return agent;
  };

  /** One whose jobs run until they are told to finish. */
  const addBusyAgent = async () => {
    const gate = Promise.withResolvers<void>();
    const agent = await addAgent({
      run: async () => {
        await gate.promise;
        return { kind: "succeeded", result: { tookMs: 1 } };
      },
    });
    agent.start();
    return { agent, finish: () => gate.resolve() };
  };

  const restart = async (agent: SimulatedAgent): Promise<string> => {
    const { serverId } = agent.identity;
    return (await restartService(plant.owner, { serverId, service: "postfix" })).jobId;
  };
  const connected = (agent: SimulatedAgent) =>
    vi.waitFor(() => expect(agent.isConnected).toBe(true), { timeout: 20_000 });
  const replaceGateway = async (): Promise<void> => {
    await gateway.kill("SIGKILL");
    gateway = await plant.startGateway();
  };

  /** Everything that is published on a channel from now on. */
  const listenTo = async (channel: string): Promise<readonly string[]> => {
    const client = new pg.Client({ connectionString: plant.database.adminUrl });
    await client.connect();
    onTestFinished(() => client.end());
    const payloads: string[] = [];
    client.on("notification", ({ payload }) => payloads.push(payload ?? ""));
    await client.query(`listen ${pg.escapeIdentifier(channel)}`);
    return payloads;
  };

  it("when the gateway is killed after it sent an order that the agent never got", async () => {
    const orders: string[] = [];
    const agent = await addAgent({
      answer: ({ jobId }) => {
        orders.push(jobId);
        return orders.length === 1 ? { kind: "ignore" } : { kind: "accept" };
      },
    });
    agent.start();
    const jobId = await restart(agent);
    await vi.waitFor(() => expect(orders).toHaveLength(1));
    expect((await readJob(plant, jobId)).state).toBe("dispatched");
    await replaceGateway();
    await untilJob(plant, jobId, "succeeded");
    expect(agent.startsOf(jobId)).toBe(1);
  });

  it("when the gateway is killed after the agent accepted and before it heard so", async () => {
    const gate = Promise.withResolvers<void>();
    const agent = await addAgent({
      answer: () => ({ kind: "accept-unheard" }),
      run: async () => {
        await gate.promise;
        return { kind: "succeeded", result: { tookMs: 1 } };
      },
    });
    agent.start();
    const jobId = await restart(agent);
    await vi.waitFor(() => expect(agent.startsOf(jobId)).toBe(1));
    expect((await readJob(plant, jobId)).state).toBe("dispatched");
    await replaceGateway();
    await untilJob(plant, jobId, "running");
    gate.resolve();
    await untilJob(plant, jobId, "succeeded");
    expect(agent.startsOf(jobId)).toBe(1);
  });

  it("when the gateway is killed in the middle of a run, with a story that goes on meanwhile", async () => {
    const gate = Promise.withResolvers<void>();
    const agent = await addAgent({
      run: async (_job, tell) => {
        tell("before");
        await gate.promise;
        tell("after");
        return { kind: "succeeded", result: { tookMs: 1 } };
      },
    });
    agent.start();
    const jobId = await restart(agent);
    await vi.waitFor(async () => expect((await readJob(plant, jobId)).story).toEqual(["before"]));
    await gateway.kill("SIGKILL");
    gate.resolve();
    await vi.waitFor(() => expect(agent.journal.open.get(jobId)?.state).toBe("ended"));
    gateway = await plant.startGateway();
    const job = await untilJob(plant, jobId, "succeeded");
    expect(job).toMatchObject({ story: ["before", "after"], numbers: [1, 2] });
    expect(agent.startsOf(jobId)).toBe(1);
  });

  it("when the gateway dies and nobody comes back for a while: the job is unknown, then settled by the journal", async () => {
    const { agent, finish } = await addBusyAgent();
    const [jobId, next] = [await restart(agent), await restart(agent)];
    await untilJob(plant, jobId, "accepted", "running");
    await gateway.kill("SIGKILL");
    await untilJob(plant, jobId, "unknown");
    expect((await readJob(plant, next)).state).toBe("queued");
    gateway = await plant.startGateway();
    await untilJob(plant, jobId, "running");
    finish();
    await untilJob(plant, jobId, "succeeded");
    await untilJob(plant, next, "succeeded");
    expect([agent.startsOf(jobId), agent.startsOf(next)]).toEqual([1, 1]);
  });

  it("when the agent's connection breaks in the middle of a run", async () => {
    const { agent, finish } = await addBusyAgent();
    const jobId = await restart(agent);
    await untilJob(plant, jobId, "accepted", "running");
    agent.drop();
    await connected(agent);
    finish();
    await untilJob(plant, jobId, "succeeded");
    expect(agent.startsOf(jobId)).toBe(1);
  });

  it("when gateway and worker are both killed and started again", async () => {
    const { agent, finish } = await addBusyAgent();
    const running = await restart(agent);
    await untilJob(plant, running, "accepted", "running");
    await Promise.all([gateway.kill("SIGKILL"), worker.kill("SIGKILL")]);
    const waiting = await restart(agent);
    gateway = await plant.startGateway();
    worker = await plant.startWorker();
    finish();
    await untilJob(plant, running, "succeeded");
    await untilJob(plant, waiting, "succeeded");
    expect([agent.startsOf(running), agent.startsOf(waiting)]).toEqual([1, 1]);
  });

  it("when the agent's journal was put back to before it accepted: the job fails, and is not run again", async () => {
    const forever = Promise.withResolvers<never>();
    const agent = await addAgent({
      run: async ({ order }) =>
        order.sequence === 1 ? forever.promise : { kind: "succeeded", result: { tookMs: 1 } },
    });
    agent.start();
    const [lost, next] = [await restart(agent), await restart(agent)];
    await untilJob(plant, lost, "accepted", "running");
    agent.journal.lose();
    agent.drop();
    const job = await untilJob(plant, lost, "failed");
    expect(job.outcome).toMatchObject({ kind: "failed", retry: "permanent" });
    await untilJob(plant, next, "succeeded");
    expect(agent.startsOf(lost)).toBe(1);
  });

  it("when every connection to Postgres breaks", async () => {
    const { agent, finish } = await addBusyAgent();
    const running = await restart(agent);
    await untilJob(plant, running, "accepted", "running");
    await plant.database.admin.pool.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename in ('mailstead_system', 'mailstead_gateway')",
    );
    finish();
    const waiting = await restart(agent);
    await untilJob(plant, running, "succeeded");
    await untilJob(plant, waiting, "succeeded");
    expect([agent.startsOf(running), agent.startsOf(waiting)]).toEqual([1, 1]);
  });

  it("when every wake-up of the relay is lost", async () => {
    const { pool } = plant.database.admin;
    await pool.query("alter table outbox disable trigger outbox_wakes_relay");
    onTestFinished(
      async () => void (await pool.query("alter table outbox enable trigger outbox_wakes_relay")),
    );
    const agent = await addAgent();
    agent.start();
    await connected(agent);
    const jobId = await restart(agent);
    await untilJob(plant, jobId, "succeeded");
  });

  it("when a person's wish to cancel is lost on the gateway's channel: a sweep tells the agent", async () => {
    const agent = await addAgent({
      run: async (job) => {
        await vi.waitFor(() => expect(job.isCancelRequested).toBe(true), 60_000);
        return { kind: "cancelled" };
      },
    });
    agent.start();
    const jobId = await restart(agent);
    await untilJob(plant, jobId, "accepted", "running");
    const published = await listenTo(gatewayChannel(gateway.gatewayId));
    // Whoever stands still and has lost its line to the bus hears nothing of what is published meanwhile.
    gateway.signal("SIGSTOP");
    const lines = `from pg_stat_activity where datname = current_database()
      and application_name = 'mailstead-bus' and usename = 'mailstead_gateway'`;
    const { pool } = plant.database.admin;
    await pool.query(`select pg_terminate_backend(pid) ${lines}`);
    await vi.waitFor(async () => expect((await pool.query(`select ${lines}`)).rowCount).toBe(0), {
      timeout: 8_000,
    });
    expect(await cancelJob(plant.owner, { jobId })).toEqual({ hasEnded: false });
    await vi.waitFor(() => expect(published.join()).toContain(jobId), { timeout: 8_000 });
    gateway.signal("SIGCONT");
    await untilJob(plant, jobId, "cancelled");
    // Connecting anew would have told it too, by the journal.
    expect(agent.connections).toBe(1);
  });

  it("when an outbox row is lost", async () => {
    await worker.kill("SIGKILL");
    const agent = await addAgent();
    agent.start();
    const jobId = await restart(agent);
    await plant.database.admin.pool.query("delete from outbox");
    worker = await plant.startWorker();
    await untilJob(plant, jobId, "succeeded");
  });

  it("when a gateway drains: its agents are sent on and everything goes on at the next one", async () => {
    const { agent, finish } = await addBusyAgent();
    const jobId = await restart(agent);
    await untilJob(plant, jobId, "accepted", "running");
    const drained = gateway;
    gateway = await plant.startGateway();
    await drained.kill("SIGTERM");
    expect(agent.heard.some((frame) => frame.type === "drain")).toBe(true);
    await connected(agent);
    finish();
    await untilJob(plant, jobId, "succeeded");
    await vi.waitFor(
      async () => {
        const { rows } = await plant.database.admin.pool.query<{ id: string }>("select id from gateways");
        expect(rows.map(({ id }) => id)).toEqual([gateway.gatewayId]);
      },
      { timeout: 10_000 },
    );
  });
});

describeLab("a host whose agent, gateway, worker and Postgres are killed while it tells of its mail", () => {
  it("is counted as its log means it, and tells no address and no subject", async () => {
    const folder = await mkdtemp(join(tmpdir(), "mailstead-agent-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const run = await runExactlyOnce({
      agentPath: await compileAgent(folder),
      // Kills each of the four, and cuts a line.
      seed: 43,
      attemptsMin: 2000,
      faultCount: 5,
      log: () => undefined,
    });
    expect(run).toMatchObject({ differences: [], leaked: [], attempts: expect.any(Number) });
    expect(run.attempts).toBeGreaterThanOrEqual(2000);
  });
});
