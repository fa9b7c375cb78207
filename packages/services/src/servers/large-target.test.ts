import { type TargetState, targetPartLength } from "@mailstead/core/servers";
import { frameSizeMaxBytes, type GatewayFrame, gatewayFrameSchema } from "@mailstead/core/wire";
import { afterAll, expect, test } from "vitest";
import { withTransaction } from "../context/index.ts";
import { addDomain } from "../domains/index.ts";
import { openServerTest } from "../testing/open-server-test.ts";
import {
  changeTargetState,
  getServerForChange,
  getTargetState,
  readTargetDocument,
  readTargetPart,
} from "./index.ts";

const t = await openServerTest();
const { serverId } = t;
afterAll(() => t.close());

const change = (edit: (state: TargetState) => unknown) =>
  withTransaction(t.owner, async (tx) =>
    changeTargetState(tx, t.owner, {
      server: await getServerForChange(tx, serverId),
      summary: "test",
      change: (state) => edit(state) as TargetState,
    }),
  );

const domains = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    name: `customer-${index}.some-company.example`,
    dkimKeys: [
      { selector: "ms202611a", algorithm: "rsa-2048", isSigning: true },
      { selector: "ms202611b", algorithm: "ed25519", isSigning: true },
    ],
  }));

/** Reads a revision as an agent does, frame by frame. */
async function fetchByParts(revision: number): Promise<{ text: string; frames: number }> {
  let text = "";
  for (let frames = 1; ; frames++) {
    const part = await readTargetPart(t.system, { serverId, revision, from: text.length });
    if (part === null) throw new Error("there is no such revision");
    const frame: GatewayFrame = { type: "target-state", requestId: "x".repeat(64), ...part };
    const sent = JSON.stringify(frame);
    expect(Buffer.byteLength(sent)).toBeLessThan(frameSizeMaxBytes);
    const heard = gatewayFrameSchema.parse(JSON.parse(sent));
    if (heard.type === "target-state") text += heard.document;
    if (!part.hasMore) return { text, frames };
  }
}

test("a server of 5,000 domains has a target state that fits no frame and reaches its agent in parts", async () => {
  const { revision } = await change((state) => ({ ...state, domains: domains(5000) }));
  const whole = (await readTargetDocument(t.system, { serverId, revision })) ?? "";
  expect(JSON.stringify({ document: whole }).length).toBeGreaterThan(frameSizeMaxBytes);
  const { text, frames } = await fetchByParts(revision);
  expect(frames).toBe(Math.ceil(whole.length / targetPartLength));
  expect(text).toBe(whole);
});

test("a part that ends within a character loses nothing of it", async () => {
  for (const start of ["", "x"]) {
    const sieveBefore = `#${start}${"😀".repeat(32_000)}`;
    const { revision } = await change((state) => ({
      ...state,
      overrides: { ...state.overrides, sieveBefore },
    }));
    const { text } = await fetchByParts(revision);
    expect(JSON.parse(text).overrides.sieveBefore).toBe(sieveBefore);
  }
});

test("one domain more than a server takes is refused with the way out", async () => {
  await expect(
    addDomain(t.owner, { tenantId: t.tenantId, serverId, name: "one-more.example" }),
  ).rejects.toMatchObject({
    kind: "limit-reached",
    message: "mail1 has 5000 domains, the most that one server takes; add the domain to another server.",
  });
});

test("a target state that no host would take is refused when it is written", async () => {
  const before = await getTargetState(t.owner, { serverId });
  const relays = domains(5000).map(({ name }) => ({
    sendersOf: name,
    smarthost: {
      host: "smtp.relay.example",
      port: 587,
      username: "u".repeat(250),
      password: { box: "A".repeat(1600) },
    },
  }));
  await expect(change((state) => ({ ...state, relays }))).rejects.toMatchObject({
    kind: "limit-reached",
    message: expect.stringMatching(
      /^With this, mail1 would have \d+\.\d MiB of settings, and a host takes at most 8\.0 MiB; move some of its domains, relays or overrides to another server\.$/,
    ),
  });
  expect((await getTargetState(t.owner, { serverId })).state.revision).toBe(before.state.revision);
});
