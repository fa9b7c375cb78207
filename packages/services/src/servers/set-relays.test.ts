import {
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
} from "node:crypto";
import { makeAgent } from "@mailstead/db/factories";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openServiceTest, type ServiceTest } from "../testing/service-test.ts";
import {
  addServer,
  changeStackSettings,
  convergeServer,
  getTargetState,
  installServer,
  previewInstall,
  setRelays,
} from "./index.ts";

let t: ServiceTest;
let serverId: string;
let count = 0;
beforeAll(async () => {
  t = await openServiceTest();
});
afterAll(() => t.close());
beforeEach(async () => {
  count += 1;
  const name = `mail${count}`;
  ({ serverId } = await addServer(t.owner, { tenantId: t.tenantId, name, hostname: `${name}.msp.example` }));
});

const agentKeys = generateKeyPairSync("x25519");
const sealingKey = Buffer.from(agentKeys.publicKey.export({ format: "jwk" }).x ?? "", "base64url").toString(
  "base64",
);
const enrol = () =>
  makeAgent(t.database.admin, {
    organisationId: t.organisationId,
    tenantId: t.tenantId,
    serverId,
    sealingKey,
  });

test("a relay password is opened by the agent's key alone, is kept when left out, and stays out of the audit", async () => {
  const relay = { sendersOf: "*", smarthost: { host: "smtp.relay.example", port: 587, username: "msp" } };
  const withPassword = { ...relay, smarthost: { ...relay.smarthost, password: "s3cret-relay" } };
  await expect(
    setRelays(t.owner, { isUntested: true, serverId, relays: [withPassword] }),
  ).rejects.toMatchObject({
    kind: "precondition-failed",
  });
  await enrol();
  await expect(setRelays(t.owner, { isUntested: true, serverId, relays: [relay] })).rejects.toMatchObject({
    message: "The relay smtp.relay.example has a user name but no password.",
  });
  const first = await setRelays(t.owner, { isUntested: true, serverId, relays: [withPassword] });
  expect(await setRelays(t.owner, { isUntested: true, serverId, relays: [relay] })).toEqual(first);
  const elsewhere = { ...relay, smarthost: { ...relay.smarthost, host: "smtp.thief.example" } };
  await expect(setRelays(t.owner, { isUntested: true, serverId, relays: [elsewhere] })).rejects.toMatchObject(
    {
      message: "The relay smtp.thief.example is another one now, so its password is needed again.",
    },
  );
  const careless = { ...relay, smarthost: { ...relay.smarthost, verifiesCertificate: false } };
  await expect(setRelays(t.owner, { isUntested: true, serverId, relays: [careless] })).rejects.toMatchObject({
    message:
      "The certificate of smtp.relay.example is no longer to be verified, so its password is needed again.",
  });
  await setRelays(t.owner, {
    isUntested: true,
    serverId,
    relays: [relay, { sendersOf: "Direct.Example", smarthost: null }],
  });
  const { state } = await getTargetState(t.owner, { serverId });
  expect(openBox(state.relays[0]?.smarthost?.password?.box ?? "")).toBe("s3cret-relay");
  expect(state.relays[1]).toEqual({ sendersOf: "direct.example", smarthost: null });
  const stored = await t.database.admin.pool.query(
    "select (select string_agg(document, '') from target_states) || (select string_agg(box, '') from relay_secrets) || (select string_agg(coalesce(after::text, ''), '') from audit_entries) as everything",
  );
  expect(stored.rows[0].everything).not.toContain("s3cret-relay");
  const preview = await previewInstall(t.owner, { serverId, suite: "bookworm" });
  const shown = preview.files.map((file) => file.content).join("\n");
  expect(shown).toContain("••••••••");
  expect(shown).not.toContain("s3cret-relay");
});

/** Opens a box by the layout that core documents, as the agent does. */
function openBox(box: string): string {
  const bytes = Buffer.from(box, "base64");
  const ephemeral = createPublicKey({
    key: { kty: "OKP", crv: "X25519", x: bytes.subarray(0, 32).toString("base64url") },
    format: "jwk",
  });
  const privateKey = createPrivateKey(agentKeys.privateKey.export({ format: "pem", type: "pkcs8" }));
  const shared = diffieHellman({ privateKey, publicKey: ephemeral });
  const salt = Buffer.concat([bytes.subarray(0, 32), Buffer.from(sealingKey, "base64")]);
  const key = Buffer.from(hkdfSync("sha256", shared, salt, "mailstead-sealed-secret", 32));
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(32, 44));
  decipher.setAuthTag(bytes.subarray(-16));
  return decipher.update(bytes.subarray(44, -16), undefined, "utf8") + decipher.final("utf8");
}

test("an agent that was replaced gets its relay passwords sealed anew at the next converge", async () => {
  await enrol();
  await setRelays(t.owner, {
    isUntested: true,
    serverId,
    relays: [
      {
        sendersOf: "*",
        smarthost: { host: "smtp.relay.example", port: 587, username: "m", password: "pw-1" },
      },
    ],
  });
  const other = Buffer.from(
    generateKeyPairSync("x25519").publicKey.export({ format: "jwk" }).x ?? "",
    "base64url",
  ).toString("base64");
  await t.database.admin.pool.query("update agents set sealing_key = $1 where server_id = $2", [
    other,
    serverId,
  ]);
  const before = (await getTargetState(t.owner, { serverId })).state;
  await installServer(t.owner, { serverId });
  const after = (await getTargetState(t.owner, { serverId })).state;
  expect(after.revision).toBe(before.revision + 1);
  expect(after.relays[0]?.smarthost?.password?.box).not.toBe(before.relays[0]?.smarthost?.password?.box);
  await convergeServer(t.owner, { serverId });
  expect((await getTargetState(t.owner, { serverId })).state.revision).toBe(after.revision);
});

test("the next change of any setting seals for the new agent too", async () => {
  await enrol();
  await setRelays(t.owner, {
    isUntested: true,
    serverId,
    relays: [{ sendersOf: "*", smarthost: { host: "r.example", port: 25, username: "m", password: "pw-1" } }],
  });
  const next = generateKeyPairSync("x25519").publicKey.export({ format: "jwk" }).x ?? "";
  await t.database.admin.pool.query("update agents set sealing_key = $1 where server_id = $2", [
    Buffer.from(next, "base64url").toString("base64"),
    serverId,
  ]);
  const boxNow = async () =>
    (await getTargetState(t.owner, { serverId })).state.relays[0]?.smarthost?.password?.box;
  const before = await boxNow();
  await changeStackSettings(t.owner, { serverId, settings: { hasVirusScan: true } });
  expect(await boxNow()).not.toBe(before);
});
