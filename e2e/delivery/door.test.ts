import { createServer } from "node:http";
import { addServer, getServer, removeServer, renewEnrolment } from "@mailstead/services/servers";
import { listTenants } from "@mailstead/services/tenants";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { WebSocket } from "ws";
import { SimulatedAgent } from "../fleet-sim/agent.ts";
import { enrolSimulated, makeEnrolRequest, postEnrolment } from "../fleet-sim/identity.ts";
import { SimulatedJournal } from "../fleet-sim/simulated-journal.ts";
import { type GatewayPart, openPlant, type Plant, runPart } from "./plant.ts";

describe("the door for agents", () => {
  let plant: Plant;
  let gateway: GatewayPart;
  let tenantId: string;
  beforeAll(async () => {
    plant = await openPlant();
    gateway = await plant.startGateway();
    await plant.startWorker();
    tenantId = (await listTenants(plant.owner))[0]?.id ?? "";
  });
  afterAll(() => plant?.stop());

  let servers = 0;
  const add = () => {
    servers += 1;
    return addServer(plant.owner, { tenantId, name: `door${servers}`, hostname: `door${servers}.example` });
  };

  const agentKey = `${"k".repeat(43)}=`;
  const unknownToken = `ms1.${"x".repeat(22)}.${"y".repeat(43)}`;

  it("takes a token once, and says in a sentence why it refuses another time", async () => {
    const { token } = await add();
    const identity = await enrolSimulated({ controlUrl: gateway.url, token });
    expect(identity.gatewayUrl).toMatch(/\/agent\/link$/);
    await expect(enrolSimulated({ controlUrl: gateway.url, token })).rejects.toThrow(/has been used/);
    await expect(enrolSimulated({ controlUrl: gateway.url, token: unknownToken })).rejects.toThrow(
      /does not know this token/,
    );
  });

  it("answers a request that makes no sense with a sentence, whatever its size", async () => {
    expect(await postEnrolment(gateway.url, { token: "rubbish" })).toMatchObject({
      status: 400,
      refusal: { code: "invalid" },
    });
    expect(await postEnrolment(gateway.url, { token: "x".repeat(100_000) })).toMatchObject({ status: 400 });
  });

  it("lets one address try only so often, and says when it may try again", async () => {
    const other = await plant.startGateway();
    onTestFinished(() => other.kill("SIGKILL"));
    const answers = [];
    for (let attempt = 0; attempt < 25; attempt += 1) answers.push(await postEnrolment(other.url, {}));
    const refused = answers.filter((answer) => answer.status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.refusal?.sentence).toMatch(/wait \d+ seconds/);
    expect(Number(refused[0]?.retryAfter)).toBeGreaterThan(0);
  });

  /** Posts as a reverse proxy on this machine does for that client; only such a proxy is believed. */
  const postFrom = async (url: string, address: string, request: unknown): Promise<number> => {
    const headers = { "content-type": "application/json", "x-forwarded-for": address };
    const init = { method: "POST", headers, body: JSON.stringify(request) };
    const response = await fetch(new URL("/agent/enrol", url), init);
    await response.arrayBuffer();
    return response.status;
  };

  it("counts all addresses of an IPv6 /64 as one", async () => {
    const other = await plant.startGateway();
    onTestFinished(() => other.kill("SIGKILL"));
    const statuses = [];
    for (let host = 1; host <= 25; host += 1)
      statuses.push(await postFrom(other.url, `2001:db8:1:2::${host}`, {}));
    expect(statuses.filter((status) => status === 429)).toHaveLength(5);
    expect(await postFrom(other.url, "2001:db8:1:3::1", {})).toBe(400);
  });

  it.each([
    ["no token at all", {}],
    ["tokens that nobody knows", makeEnrolRequest({ token: unknownToken }, agentKey)],
  ])("stays open for a new host while many addresses post %s without end", async (_what, request) => {
    const other = await plant.startGateway();
    onTestFinished(() => other.kill("SIGKILL"));
    const addresses = Array.from({ length: 60 }, (_, host) => `198.51.100.${host + 1}`);
    for (let round = 0; round < 18; round += 1)
      await Promise.all(addresses.map((address) => postFrom(other.url, address, request)));
    const { token } = await add();
    const wanted = makeEnrolRequest({ token }, agentKey);
    expect(await postFrom(other.url, "203.0.113.5", wanted)).toBe(200);
  });

  it("tells its health, and opens WebSockets at one address only", async () => {
    const health = await fetch(`${gateway.url}/healthz`);
    expect(await health.json()).toMatchObject({ status: "ok", gatewayId: gateway.gatewayId });
    expect((await fetch(`${gateway.url}/anything`)).status).toBe(404);
    const wrong = new WebSocket(gateway.linkUrl.replace("/agent/link", "/agent/other"));
    const status = await new Promise((resolve) => {
      wrong.on("unexpected-response", (_request, response) => resolve(response.statusCode));
      wrong.on("error", () => undefined);
    });
    expect(status).toBe(404);
  });

  it("locks out a server whose identity is used by two hosts, with an audit entry, and closes both", async () => {
    const { token, serverId } = await add();
    const identity = await enrolSimulated({ controlUrl: gateway.url, token });
    const gatewayUrl = () => gateway.linkUrl;
    const original = new SimulatedAgent({ identity, gatewayUrl, reconnectAfterMs: 60_000 }).start();
    onTestFinished(() => original.close());
    await vi.waitFor(() => expect(original.isConnected).toBe(true));
    // A copy of the disk knows the same last counter.
    const clone = new SimulatedAgent({ identity, gatewayUrl, journal: new SimulatedJournal() }).start();
    onTestFinished(() => clone.close());
    await vi.waitFor(() =>
      expect(clone.heard).toContainEqual(expect.objectContaining({ type: "refused", code: "old-counter" })),
    );
    await vi.waitFor(() => expect(original.isConnected).toBe(false));
    expect(await getServer(plant.owner, { serverId })).toMatchObject({ status: "quarantined" });
    const { rowCount } = await plant.database.admin.pool.query(
      "select from audit_entries where action = 'quarantine-server' and subject_id = $1",
      [serverId],
    );
    expect(rowCount).toBe(1);
  });

  it.each<[string, (serverId: string) => Promise<unknown>]>([
    ["is removed", (serverId) => removeServer(plant.owner, { serverId })],
    [
      "is enrolled anew",
      async (serverId) => {
        const { token } = await renewEnrolment(plant.owner, { serverId });
        return enrolSimulated({ controlUrl: gateway.url, token });
      },
    ],
  ])("ends the connection of a server at once that %s", async (_what, happens) => {
    const agent = await plant.addAgent();
    agent.start();
    const timeout = 20_000;
    await vi.waitFor(() => expect(agent.isConnected).toBe(true), { timeout });
    await happens(agent.identity.serverId);
    await vi.waitFor(() => expect(agent.isConnected).toBe(false), { timeout });
    await vi.waitFor(
      () => expect(agent.heard).toContainEqual(expect.objectContaining({ code: "unknown-agent" })),
      { timeout },
    );
  });

  it("ignores frames that it does not know and goes on", async () => {
    const agent = await plant.addAgent();
    agent.start();
    await vi.waitFor(() => expect(agent.isConnected).toBe(true));
    agent.sendText("not JSON");
    agent.sendText(JSON.stringify({ type: "from-the-future", field: 1 }));
    const requestId = agent.askTargetState(1);
    await vi.waitFor(() =>
      expect(agent.heard.some((frame) => "requestId" in frame && frame.requestId === requestId)).toBe(true),
    );
    expect(agent.isConnected).toBe(true);
  });

  it("drops a connection that sends more than a frame may hold", async () => {
    const agent = await plant.addAgent();
    agent.start();
    await vi.waitFor(() => expect(agent.isConnected).toBe(true));
    agent.sendText("x".repeat(1_100_000));
    await vi.waitFor(() => expect(agent.connections).toBeGreaterThan(1));
  });
});

describe("starting a part", () => {
  it("says one sentence for each variable that is wrong", async () => {
    const gateway = await runPart("apps/gateway/src/main.ts", { PORT: "many", PUBLIC_URL: "ftp://x" });
    expect(gateway.code).toBe(1);
    expect(gateway.output.trim().split("\n")).toEqual([
      "GATEWAY_DATABASE_URL must be a postgres:// address of the role mailstead_gateway.",
      "PUBLIC_URL must be the http or https address that people and agents use, like https://mail.example.net.",
      "MAILSTEAD_SIGNING_PUBLIC_KEY_FILE must be the path of the public half of the signing key, as PEM.",
      "PORT must be a TCP port from 0 to 65535; 0 takes a free one.",
    ]);
    const worker = await runPart("apps/worker/src/main.ts", {});
    expect(worker.output.trim().split("\n")).toHaveLength(3);
  });

  it("says that its port is taken", async () => {
    const plant = await openPlant();
    onTestFinished(() => plant.stop());
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(0, "127.0.0.1", () => resolve()));
    onTestFinished(() => void squatter.close());
    const address = squatter.address();
    const port = typeof address === "object" ? `${address?.port}` : "";
    const { code, output } = await runPart("apps/gateway/src/main.ts", {
      ...plant.gatewayEnvironment,
      PORT: port,
    });
    expect(code).toBe(1);
    expect(output).toContain(`Port ${port} on 127.0.0.1 is taken by another program`);
  });
});
