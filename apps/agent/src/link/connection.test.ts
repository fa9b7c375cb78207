import { verify } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AgentFrame, type GatewayFrame, proofText } from "@mailstead/core/wire";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { makeIdentity } from "../testing/test-identity.ts";
import { type Connection, openConnection } from "./connection.ts";
import type { Identity } from "./identity.ts";
import { publicKeyOf } from "./keys.ts";
import { takeSessionCounter } from "./session-counter.ts";

describe("a connection to the gateway", () => {
  let folder: string;
  let server: WebSocketServer;
  let identity: Identity;
  let socket: WebSocket;
  let heard: AgentFrame[];
  let taken: GatewayFrame[];
  let connection: Connection;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "link-"));
    server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    await new Promise((resolve) => server.once("listening", resolve));
    heard = [];
    taken = [];
    identity = {
      ...makeIdentity().identity,
      gatewayUrl: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    };
  });
  afterEach(() => {
    connection.close();
    server.close();
    rmSync(folder, { recursive: true });
  });

  const say = (frame: GatewayFrame | { type: string }) => socket.send(JSON.stringify(frame));

  /** Connects, and answers the agent's proof with a frame. */
  async function open(answer: GatewayFrame | null): Promise<void> {
    // What an earlier connection still had on its way is none of this one's.
    const own: AgentFrame[] = [];
    heard = own;
    server.once("connection", (opened) => {
      socket = opened;
      socket.on("message", (data) => {
        const frame = JSON.parse(String(data)) as AgentFrame;
        own.push(frame);
        if (frame.type === "proof" && answer !== null) say(answer);
      });
      say({ type: "challenge", nonce: "nonce-1" });
    });
    connection = openConnection({
      identity,
      bootId: "boot-1",
      takeCounter: () => takeSessionCounter(join(folder, "counter")),
      onWelcome: () => undefined,
      onFrame: (frame) => taken.push(frame),
    });
    await vi.waitFor(() => expect(heard).not.toHaveLength(0));
  }
  const welcome: GatewayFrame = { type: "welcome", serverTimeUnixMs: 0, protocolVersion: 1 };

  it("proves the agent's key over nonce, boot and a counter that was stored before", async () => {
    await open(null);
    const proof = heard[0] as Extract<AgentFrame, { type: "proof" }>;
    expect(readFileSync(join(folder, "counter"), "utf8")).toMatch(/^0{15}1 /);
    expect(proof).toMatchObject({ agentId: identity.agentId, bootId: "boot-1", sessionCounter: 1 });
    const text = Buffer.from(proofText({ nonce: "nonce-1", ...proof }));
    const key = publicKeyOf("ed25519", identity.agentKeys.publicKey);
    expect(verify(null, text, key, Buffer.from(proof.signature, "base64"))).toBe(true);
  });

  it("sends nothing and takes nothing before the gateway's welcome", async () => {
    await open(null);
    say({ type: "cancel-job", jobId: identity.serverId });
    expect(connection.send({ type: "job-accepted", jobId: identity.serverId })).toBe(false);
    say(welcome);
    await vi.waitFor(() =>
      expect(connection.send({ type: "job-accepted", jobId: identity.serverId })).toBe(true),
    );
    expect(taken).toEqual([]);
  });

  it("ignores a frame that it does not know and takes the next", async () => {
    await open(welcome);
    say({ type: "from-the-future" });
    socket.send("no JSON");
    say({ type: "result-stored", jobId: identity.serverId });
    await vi.waitFor(() => expect(taken).toEqual([{ type: "result-stored", jobId: identity.serverId }]));
  });

  it("ends with the gateway's reason and wait when it is refused or drained", async () => {
    await open({ type: "refused", code: "quarantined", sentence: "This is a copy.", retryAfterMs: 9000 });
    expect(await connection.ended).toMatchObject({
      kind: "refused",
      sentence: "This is a copy.",
      retryAfterMs: 9000,
    });
    await open(welcome);
    say({ type: "drain", retryAfterMs: 3000 });
    expect(await connection.ended).toEqual({ kind: "drained", retryAfterMs: 3000 });
  });

  it("gives up a gateway that sends more than a frame may hold", async () => {
    await open(welcome);
    socket.send("x".repeat(1_048_577));
    expect(await connection.ended).toMatchObject({ kind: "lost" });
  });

  it("does not connect when its counter cannot be read, for it could not prove to be no copy", async () => {
    writeFileSync(join(folder, "counter"), "damaged\n");
    server.once("connection", (opened) =>
      opened.send(JSON.stringify({ type: "challenge", nonce: "nonce-1" })),
    );
    connection = openConnection({
      identity,
      bootId: "boot-1",
      takeCounter: () => takeSessionCounter(join(folder, "counter")),
      onWelcome: () => undefined,
      onFrame: () => undefined,
    });
    expect(await connection.ended).toMatchObject({
      kind: "lost",
      reason: expect.stringContaining("no copy"),
    });
  });
});
