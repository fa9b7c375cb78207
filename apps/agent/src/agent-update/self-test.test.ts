import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { WebSocketServer } from "ws";
import { agentVersion } from "../env.ts";
import { openJournal } from "../journal/journal.ts";
import { agentPaths } from "../platform/paths.ts";
import { openFakeHost } from "../testing/fake-host.ts";
import { makeIdentity } from "../testing/test-identity.ts";
import { openConnectedMark } from "./connected-mark.ts";
import { gatewayProblem, selfTest } from "./self-test.ts";

const jobId = "0198a5e0-0000-7000-8000-000000000001";

test("a host that an agent has enrolled passes, and is left as it was", async () => {
  const { host } = openEnrolledHost();
  expect(await selfTest(host)).toBeNull();
  expect(host.read(`${agentPaths.journal}/journal`)).toBeNull();
});

test("an order under way that this version does not know fails it", async () => {
  const { host } = openEnrolledHost();
  const journal = openJournal(host.path(agentPaths.journal), { nowUnixMs: () => 1 });
  const order = JSON.stringify({ verb: "paint-house" });
  journal.append({ kind: "accepted", jobId, sequence: 1, expiresAtUnixMs: 2, order }, true);
  journal.close();
  expect(await selfTest(host)).toBe(`The order of job ${jobId}, which is under way, cannot be understood.`);
});

test("a store that is no database fails it", async () => {
  const { host } = openEnrolledHost();
  host.write(agentPaths.telemetry, "no database, but long enough to be looked at as one ".repeat(40));
  expect(await selfTest(host)).toMatch(/^What is kept on this host cannot be read: /);
});

test("the mark of a connection is there while it lasts, and only of an agent that passes", async () => {
  const { host } = openEnrolledHost();
  const tell = openConnectedMark(host);
  tell(true);
  await vi.waitFor(() =>
    expect(host.read(agentPaths.connectedMark)).toBe(`version ${agentVersion}\nprocess ${process.pid}\n`),
  );
  tell(false);
  await vi.waitFor(() => expect(host.read(agentPaths.connectedMark)).toBeNull());
});

test("a gateway that greets is good, whether it would sign the agent in or not", async () => {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  onTestFinished(() => server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  let greeting = JSON.stringify({ type: "challenge", nonce: "n" });
  server.on("connection", (socket) => socket.send(greeting));
  const gatewayUrl = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/agent/link`;
  const { identity } = makeIdentity();
  expect(await gatewayProblem({ ...identity, gatewayUrl })).toBeNull();
  greeting = "hello";
  expect(await gatewayProblem({ ...identity, gatewayUrl })).toMatch(
    /does not speak as this agent understands/,
  );
});

test("a gateway that cannot be reached is named", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const gatewayUrl = `ws://127.0.0.1:${port}/agent/link`;
  expect(await gatewayProblem({ ...makeIdentity().identity, gatewayUrl })).toMatch(/cannot be reached/);
});

function openEnrolledHost() {
  const folder = mkdtempSync(join(tmpdir(), "self-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const host = openFakeHost(folder);
  const { identity } = makeIdentity();
  host.write("/etc/os-release", 'ID=debian\nVERSION_CODENAME=bookworm\nPRETTY_NAME="Debian GNU/Linux 12"\n');
  host.write("/etc/machine-id", `${identity.machineId}\n`);
  host.write(agentPaths.identity, JSON.stringify(identity));
  return { host };
}
