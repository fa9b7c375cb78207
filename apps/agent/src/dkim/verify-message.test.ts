import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { dkimSign } from "mailauth/lib/dkim/sign.js";
import { expect, test } from "vitest";
import { verifyMessage } from "./verify-message.ts";

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ed25519 = generateKeyPairSync("ed25519");
const now = new Date("2026-11-30T12:00:00Z");
const letter = [
  "From: Probe <probe@alpha.example>",
  "to:  someone@alpha.example",
  "Subject: A letter\t of  white \r\n  space",
  "X-Twice: one",
  "X-Twice: two",
  "",
  "The first  line \t",
  "",
  " .a line that begins with a dot",
  "caf\u00c3\u00a9 ",
  "",
  "",
].join("\r\n");

const der = (key: KeyObject) => key.export({ format: "der", type: "spki" });
const records: Record<string, string> = {
  rsa: `v=DKIM1; k=rsa; p=${der(rsa.publicKey).toString("base64")}`,
  ed: `v=DKIM1; k=ed25519; p=${der(ed25519.publicKey).subarray(-32).toString("base64")}`,
};
const resolver =
  (shown: Record<string, string> = records) =>
  async (name: string) => {
    const record = shown[name.split(".")[0] ?? ""];
    return record === undefined
      ? ({ kind: "none" } as const)
      : ({ kind: "found", values: [record] } as const);
  };

async function signed(
  canonicalization: string,
  selectors: readonly string[] = ["rsa", "ed"],
): Promise<string> {
  const bytes = Buffer.from(letter, "latin1");
  const keys = selectors.map((selector) => ({
    signingDomain: "alpha.example",
    selector,
    privateKey: (selector === "rsa" ? rsa : ed25519).privateKey
      .export({ format: "pem", type: "pkcs8" })
      .toString(),
  }));
  const [first] = keys;
  if (first === undefined) throw new Error("no key");
  const { signatures, errors } = await dkimSign(bytes, {
    ...first,
    canonicalization,
    signTime: now,
    headerList: "from:to:subject:x-twice:x-twice",
    signatureData: keys,
  });
  expect(errors).toEqual([]);
  return Buffer.concat([Buffer.from(signatures), bytes]).toString("latin1");
}

test.each(["relaxed/relaxed", "simple/simple", "relaxed/simple", "simple/relaxed"])(
  "signatures that another implementation made in the form %s verify, RSA and Ed25519",
  async (form) => {
    const verdicts = await verifyMessage(await signed(form), resolver(), now);
    expect(verdicts.map(({ selector, kind }) => [selector, kind])).toEqual([
      ["rsa", "valid"],
      ["ed", "valid"],
    ]);
  },
);

test.each([
  ["the subject", (text: string) => text.replace("A letter", "Another")],
  ["the body", (text: string) => text.replace("begins", "began")],
  [
    "a field that was added",
    (text: string) => text.replace("X-Twice: two", "X-Twice: two\r\nX-Twice: three"),
  ],
])("%s that was altered on the way is found", async (_, alter) => {
  const verdicts = await verifyMessage(alter(await signed("relaxed/relaxed")), resolver(), now);
  expect(verdicts.map(({ kind }) => kind)).toEqual(["invalid", "invalid"]);
});

test("a key that nobody publishes, is revoked, is another, or cannot be asked for is told as what it is", async () => {
  const message = await signed("relaxed/relaxed", ["rsa"]);
  const kindBy = async (lookUp: Parameters<typeof verifyMessage>[1]) =>
    (await verifyMessage(message, lookUp, now))[0];
  const other = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey;
  expect(await kindBy(resolver({}))).toMatchObject({ kind: "no-key" });
  expect(await kindBy(resolver({ rsa: "v=DKIM1; p=" }))).toMatchObject({
    problem: "DNS says that its key is revoked",
  });
  expect(await kindBy(resolver({ rsa: records["ed"] ?? "" }))).toMatchObject({ kind: "invalid" });
  expect(await kindBy(resolver({ rsa: `v=DKIM1; p=${der(other).toString("base64")}` }))).toMatchObject({
    problem: "it does not fit the key that DNS shows",
  });
  expect(await kindBy(async () => ({ kind: "failed", problem: "nobody answered" }))).toMatchObject({
    kind: "unknown",
    problem: "nobody answered",
  });
});

test("a key whose record came in several strings is put together, told as one record or as several", async () => {
  const message = await signed("relaxed/relaxed", ["rsa"]);
  const record = records["rsa"] ?? "";
  const values = [record.slice(0, 250), record.slice(250)];
  const [verdict] = await verifyMessage(message, async () => ({ kind: "found", values }), now);
  expect(verdict?.kind).toBe("valid");
});

test.each([
  "",
  "\r\n",
  "DKIM-Signature: v=1",
  "DKIM-Signature: d=a.example; s=rsa; b=\r\n\r\n",
  "no field at all",
])("what is no signed letter is not taken for one: %j", async (text) => {
  for (const { kind } of await verifyMessage(text, resolver(), now)) expect(kind).not.toBe("valid");
});
