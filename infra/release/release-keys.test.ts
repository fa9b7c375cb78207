import { createPublicKey } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { followRootKeys, parseDelegation, readSigned } from "@mailstead/core/agent-updates";
import { expect, onTestFinished, test } from "vitest";
import { certify, handOver, parseRequest, requestCertificate, takePaper } from "./certify.ts";
import { isSignedBy, makeKeyFile, rawKey, readKeyFile } from "./key-text.ts";
import {
  certificateName,
  keyFilesOf,
  provideReleaseKeys,
  putRootKey,
  readRootSecret,
  rootKeyAfterName,
} from "./release-keys.ts";

const daySeconds = 86_400;
const start = 1_800_000_000;

test("a new installation makes both keys, the secret of the root key apart and readable by its owner only", () => {
  const { files, provide, signingKey } = openKeys();
  const { rootKey, releaseKey } = provide();
  expect(rawKey(releaseKey)).not.toBe(rootKey);
  expect(dirname(files.rootSecret)).not.toBe(dirname(files.releaseKey));
  for (const path of [files.rootSecret, files.releaseKey]) expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(files.rootSecret)).mode & 0o777).toBe(0o700);
  // The token names the signing key, which names the root key.
  const { papers } = provide();
  const after = (key: string) => papers[rootKeyAfterName(key)] ?? null;
  expect(followRootKeys(rawKey(signingKey), after, isSignedBy)).toEqual({ kind: "good", rootKey });
});

test("builds go on without the root key, and without the secret half of the token's key", () => {
  const { files, provide, signingKey, takeOffline } = openKeys();
  const before = provide();
  takeOffline();
  const publicHalf = createPublicKey(signingKey);
  const after = provide({ signingKey: publicHalf, nowUnixSeconds: start + 100 * daySeconds });
  expect(after.papers).toEqual(before.papers);
  expect(rawKey(after.releaseKey)).toBe(rawKey(before.releaseKey));
  expect(after.problem).toBeNull();
  rmSync(join(files.papers, rootKeyAfterName(rawKey(signingKey))));
  expect(() => provide({ signingKey: publicHalf })).toThrow(/build once with MAILSTEAD_SIGNING_KEY_FILE/);
});

test("a certificate is renewed in its second half where the root key lies, and told of in time where it does not", () => {
  const { provide, takeOffline } = openKeys();
  const first = provide();
  const expiresAt = (nowUnixSeconds: number) => certificateOf(provide({ nowUnixSeconds }))?.expires;
  expect(expiresAt(start + 100 * daySeconds)).toBe(start + 400 * daySeconds);
  expect(certificateOf(provide({ nowUnixSeconds: start + 300 * daySeconds }))).toMatchObject({
    expires: start + 700 * daySeconds,
    key: rawKey(first.releaseKey),
  });
  takeOffline();
  expect(provide({ nowUnixSeconds: start + 600 * daySeconds }).problem).toBeNull();
  expect(provide({ nowUnixSeconds: start + 650 * daySeconds }).problem).toMatch(
    /^The certificate of the release key ends on \d{4}-\d\d-\d\d, .* run: npm run root-key -- request/,
  );
  // Builds go on after the end as well: what hosts have goes on, and they say why nothing newer comes.
  expect(provide({ nowUnixSeconds: start + 701 * daySeconds }).problem).toMatch(/ended on/);
});

test("a root key that is kept elsewhere certifies another release key, and the one before is withdrawn", () => {
  const { files, provide, takeOffline, secretElsewhere } = openKeys();
  const before = provide();
  takeOffline();
  const request = requestCertificate(files, { isNewKey: true });
  expect(requestCertificate(files, { isNewKey: true })).toBe(request);
  // Until its certificate is there the new key signs nothing.
  expect(rawKey(provide().releaseKey)).toBe(rawKey(before.releaseKey));
  const root = secretElsewhere();
  const paper = certify(parseRequest(request), { root, nowUnixSeconds: start + 10, days: 30 });
  expect(takePaper(files, paper, start + 20)).toMatch(/^The release key .* counts until 2027-02-14\./);
  const after = provide({ nowUnixSeconds: start + 20 });
  expect(rawKey(after.releaseKey)).not.toBe(rawKey(before.releaseKey));
  const [older, newer] = [certificateOf(before), certificateOf(after)];
  expect(newer).toMatchObject({ key: rawKey(after.releaseKey), expires: start + 10 + 30 * daySeconds });
  expect(newer?.sequence).toBeGreaterThan(older?.sequence ?? 0);
  expect(existsSync(files.nextReleaseKey)).toBe(false);
  // The clock of the other machine may be behind.
  const late = parseRequest(requestCertificate(files, { isNewKey: false }));
  expect(
    parseDelegation(
      textOf(certify(late, { root, nowUnixSeconds: start - 9 * daySeconds, days: 30 }), after.rootKey) ?? "",
    )?.sequence,
  ).toBe((newer?.sequence ?? 0) + 1);
});

test("what must not count is not taken", () => {
  const { files, provide, secretElsewhere, takeOffline } = openKeys();
  provide();
  takeOffline();
  const root = secretElsewhere();
  const request = parseRequest(requestCertificate(files, { isNewKey: false }));
  const sign = (change: object, by = root, nowUnixSeconds = start + 10) =>
    certify({ ...request, ...change }, { root: by, nowUnixSeconds, days: 30 });
  const good = sign({});
  takePaper(files, good, start);
  const stranger = makeKeyFile(join(dirname(files.releaseKey), "stranger.pem"));
  for (const [paper, sentence] of [
    [good, /is not newer than/],
    [sign({ rootKey: rawKey(stranger) }, stranger), /is not signed by the root key/],
    [sign({ key: rawKey(stranger) }, root, start + 11), /for the release key .*, which is not here/],
    [sign({}, root, start - 40 * daySeconds).replace("sequence", "number"), /is not signed by the root key/],
    [good.slice(0, -9), /is not signed by the root key/],
    ["nothing", /is not signed by the root key/],
    [handOver(root, rawKey(root)), /cannot give its place to itself/],
  ] as const)
    expect(() => takePaper(files, paper, start), paper).toThrow(sentence);
  const expired = certify(
    { ...request, after: start + 100 },
    { root, nowUnixSeconds: start - 40 * daySeconds, days: 30 },
  );
  expect(() => takePaper(files, expired, start)).toThrow("This certificate has expired.");
  expect(() => certify(request, { root: stranger, nowUnixSeconds: start, days: 30 })).toThrow(
    /hosts would not believe it/,
  );
  expect(() => parseRequest("mailstead-release-key-request\n")).toThrow(/is no request/);
});

test("a root key gives its place to another, and hosts of any day are led to it", () => {
  const { files, provide, signingKey, secretElsewhere, takeOffline, folder } = openKeys();
  const first = provide();
  takeOffline();
  const next = makeKeyFile(join(folder, "next-root", "root-key.pem"));
  expect(takePaper(files, handOver(secretElsewhere(), rawKey(next)), start)).toContain(rawKey(next));
  expect(() => provide()).toThrow(/The root key has not certified the release key/);
  const request = parseRequest(requestCertificate(files, { isNewKey: false }));
  takePaper(files, certify(request, { root: next, nowUnixSeconds: start, days: 30 }), start);
  const { papers, rootKey } = provide();
  const after = (key: string) => papers[rootKeyAfterName(key)] ?? null;
  for (const pinned of [rawKey(signingKey), first.rootKey])
    expect(followRootKeys(pinned, after, isSignedBy)).toEqual({ kind: "good", rootKey: rawKey(next) });
  expect(rootKey).toBe(rawKey(next));
  expect(papers[certificateName(first.rootKey)]).toBeUndefined();
});

test("an installation may begin with a root key that was made elsewhere", () => {
  const { files, provide, folder } = openKeys();
  const root = makeKeyFile(join(folder, "offline", "root-key.pem"), "a passphrase");
  putRootKey(files, rawKey(root));
  const request = parseRequest(requestCertificate(files, { isNewKey: true }));
  takePaper(files, certify(request, { root, nowUnixSeconds: start, days: 400 }), start);
  expect(provide()).toMatchObject({ rootKey: rawKey(root), problem: null });
  expect(existsSync(files.rootSecret)).toBe(false);
});

test("a secret that is sealed opens with its passphrase only, and counts as kept elsewhere", () => {
  const { files, provide } = openKeys();
  const root = makeKeyFile(files.rootSecret, "a passphrase");
  putRootKey(files, rawKey(root));
  expect(readRootSecret(files)).toBeNull();
  expect(readKeyFile(files.rootSecret, "another")).toBeNull();
  expect(readRootSecret(files, { passphrase: "a passphrase" })).not.toBeNull();
  expect(() => provide()).toThrow(/the root key is not here to certify one/);
});

test("keys that are damaged are named and not replaced", () => {
  const { files, provide } = openKeys();
  provide();
  writeFileSync(files.rootKey, "half a k");
  expect(() => provide()).toThrow(/root-key\.pub holds no root key; restore it from a backup/);
  expect(readFileSync(files.rootKey, "utf8")).toBe("half a k");
  rmSync(files.rootKey);
  expect(() => provide()).toThrow(/root-key\.pub is gone; restore it from a backup/);
  expect(existsSync(files.rootKey)).toBe(false);
});

test("a secret of the root key that was brought without what lay beside it is taken for the root key, and never written over", () => {
  const { files, provide } = openKeys();
  const { rootKey } = provide();
  rmSync(files.rootKey);
  rmSync(files.papers, { recursive: true });
  expect(provide().rootKey).toBe(rootKey);
  rmSync(files.rootKey);
  rmSync(files.papers, { recursive: true });
  writeFileSync(files.rootSecret, "sealed");
  expect(() => provide()).toThrow(/root-key\.pem is sealed or damaged, and .*root-key\.pub/);
  expect(readFileSync(files.rootSecret, "utf8")).toBe("sealed");
});

type Provided = ReturnType<typeof provideReleaseKeys>;

function certificateOf({ papers, rootKey }: Provided) {
  return parseDelegation(textOf(papers[certificateName(rootKey)] ?? "", rootKey) ?? "");
}

function textOf(signed: string, key: string): string | null {
  return readSigned(signed, key, isSignedBy);
}

function openKeys() {
  const folder = mkdtempSync(join(tmpdir(), "mailstead-keys-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const files = keyFilesOf(join(folder, "keys", "release-key.pem"));
  const signingKey = makeKeyFile(join(folder, "keys", "signing-key.pem"));
  const elsewhere = join(folder, "elsewhere");
  return {
    folder,
    files,
    signingKey,
    provide: (change: { signingKey?: typeof signingKey; nowUnixSeconds?: number } = {}) =>
      provideReleaseKeys({ files, signingKey, nowUnixSeconds: start, ...change }),
    /** Carries the folder of the root key's secret away. */
    takeOffline: () => renameSync(dirname(files.rootSecret), elsewhere),
    secretElsewhere: () => {
      const secret = readKeyFile(join(elsewhere, "root-key.pem"));
      if (secret === null) throw new Error("the root key was not taken offline");
      return secret;
    },
  };
}
