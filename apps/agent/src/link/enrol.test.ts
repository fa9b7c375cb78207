import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { enrolHost } from "./enrol.ts";
import { fingerprintOf, makeKeyPair } from "./keys.ts";

const keys = makeKeyPair("ed25519");
const token = `ms1.${"a".repeat(22)}.${fingerprintOf(keys.publicKey, "base64url")}`;

describe("enrolment", () => {
  let server: Server;
  let url: string;
  let asked: Record<string, unknown> | null;
  let answer: { status: number; body: unknown };

  beforeEach(async () => {
    asked = null;
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      asked = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
      const text = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body);
      response.writeHead(answer.status).end(text);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    answer = { status: 200, body: good() };
  });
  afterEach(() => server.close());

  const enrol = (changes: { token?: string; controlUrl?: string } = {}) =>
    enrolHost({ token, controlUrl: url, machineId: "0".repeat(32), ...changes });
  const good = (changes: Record<string, string> = {}) => ({
    agentId: "0198a5e0-0000-4000-8000-000000000001",
    serverId: "0198a5e0-0000-4000-8000-000000000002",
    gatewayUrl: `${url.replace("http", "ws")}/agent/link`,
    signingPublicKey: keys.publicKey,
    ...changes,
  });

  it("sends public keys only and pins the key that the token names", async () => {
    const identity = await enrol();
    expect(identity.signingPublicKey).toBe(keys.publicKey);
    expect(asked).toMatchObject({ token, agentPublicKey: identity.agentKeys.publicKey });
    expect(JSON.stringify(asked)).not.toContain(identity.agentKeys.privateKey);
    expect(JSON.stringify(asked)).not.toContain(identity.sealingKeys.privateKey);
  });

  it("stores nothing when the answer's key is not the one that the token names", async () => {
    answer.body = good({ signingPublicKey: makeKeyPair("ed25519").publicKey });
    await expect(enrol()).rejects.toThrow(/is not the one the token names.*Nothing was stored/);
  });

  it("shows the control plane's sentence when it refuses", async () => {
    answer = { status: 410, body: { code: "token-expired", sentence: "This token has expired." } };
    await expect(enrol()).rejects.toThrow("This token has expired.");
    answer = { status: 502, body: "<html>bad gateway</html>" };
    await expect(enrol()).rejects.toThrow(
      "did not answer as a Mailstead control plane does (HTTP status 502)",
    );
  });

  it.each([
    ["no token", { token: "abc" }, /not an enrolment token/],
    ["an address without encryption", { controlUrl: "http://control.example" }, /must travel over https/],
    ["no address", { controlUrl: "control" }, /not the address of a control plane/],
    ["an address where nobody is", { controlUrl: "http://127.0.0.1:1" }, /could not be reached/],
  ])("refuses %s before anything is sent", async (_what, changes, sentence) => {
    await expect(enrol(changes)).rejects.toThrow(sentence);
    expect(asked).toBeNull();
  });

  it("takes a gateway without encryption where the control plane itself is reached without it, as in a lab", async () => {
    answer.body = good({ gatewayUrl: "ws://gateway.example/agent/link" });
    const identity = await enrol({ controlUrl: `${url}#plain-http` });
    expect(identity.gatewayUrl).toBe("ws://gateway.example/agent/link");
  });
});
