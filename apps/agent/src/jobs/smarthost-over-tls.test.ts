import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openTestAuthority, type TestAuthority } from "../testing/test-authority.ts";
import { tryOut } from "./test-smarthost.ts";

const folder = mkdtempSync(join(tmpdir(), "smarthost-"));
const place = {
  key: join(folder, "own.key"),
  request: join(folder, "own.der"),
  self: join(folder, "self.pem"),
};
let authority: TestAuthority;
let root: string;
let server: SMTPServer | null = null;

beforeAll(() => {
  authority = openTestAuthority();
  root = issued("localhost").certificates.at(-1) ?? "";
});
afterEach(
  () => new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve()))),
);
afterAll(() => {
  authority.close();
  rmSync(folder, { recursive: true, force: true });
});

const keyArgs = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-keyout", place.key];
const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "pipe" });

/** A certificate of the test's authority for a name, and its key. */
function issued(name: string, validity: { from?: string; until?: string } = {}) {
  const names = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`];
  openssl("req", "-new", ...keyArgs, ...names, "-outform", "DER", "-out", place.request);
  const chain = authority.issue(readFileSync(place.request).toString("base64"), validity);
  const certificates = chain.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----\n/g) ?? [];
  return { cert: certificates[0] ?? "", key: readFileSync(place.key, "utf8"), certificates };
}

const passwordsHeard: string[] = [];
const mails: string[] = [];

/** A real submission server with STARTTLS that takes mail of a signed-in "user" from alpha.example; gives its port. */
async function submission(options: SMTPServerOptions = {}): Promise<number> {
  passwordsHeard.length = 0;
  mails.length = 0;
  server = new SMTPServer({
    ...issued("localhost"),
    onAuth({ username, password }, _session, done) {
      passwordsHeard.push(password ?? "");
      if (username === "user" && password === "right") done(null, { user: username });
      else done(new Error("Invalid username or password"));
    },
    onRcptTo(_to, { envelope }, done) {
      const from = envelope.mailFrom === false ? "" : envelope.mailFrom.address;
      done(from.endsWith("@alpha.example") ? null : refusal(554, "Email address is not verified"));
    },
    onData(stream, _session, done) {
      mails.push("a mail");
      stream.resume().on("end", () => done());
    },
    ...options,
  });
  server.on("error", () => undefined); // A client that hangs up is what is tested.
  const listener = server.listen(0, "127.0.0.1");
  await once(listener, "listening");
  return (listener.address() as AddressInfo).port;
}

const refusal = (responseCode: number, words: string) => Object.assign(new Error(words), { responseCode });

interface Typed {
  password?: string;
  sender?: string;
  verifiesCertificate?: boolean;
  answerWithinMs?: number;
}
const trial = (port: number, typed: Typed = {}) => {
  const { password = "right", sender = "ann@alpha.example", verifiesCertificate = true } = typed;
  return tryOut(
    { host: "localhost", port, verifiesCertificate },
    { signIn: { username: "user", password }, certificates: root, sender, ...typed },
  );
};

test("a real server is signed in to over TLS and told a sender, and no mail is sent", async () => {
  const port = await submission();
  expect(await trial(port)).toEqual({
    reached: "done",
    retry: null,
    sentence: `localhost:${port} takes the user name and password over TLS, and mail from ann@alpha.example.`,
  });
  expect(passwordsHeard).toEqual(["right"]);
  expect(mails).toEqual([]);
});

test("a server that knows only AUTH LOGIN is signed in to as well", async () => {
  expect(await trial(await submission({ authMethods: ["LOGIN"] }))).toMatchObject({ reached: "done" });
});

test("a wrong password stays wrong, and its refusal is told in the server's words", async () => {
  const result = await trial(await submission(), { password: "wrong" });
  expect(result).toMatchObject({ reached: "tls", retry: "permanent" });
  expect(result.sentence).toMatch(
    /refuses the user name and password: 535 .*Invalid username or password.* Trying again as it is does not help\.$/,
  );
});

const base64 = (text: string) => Buffer.from(text, "utf8").toString("base64");
const secret = "s3cret pässword";
test.each<readonly [string, string[], string]>([
  ["AUTH PLAIN's command", ["PLAIN"], `AUTH PLAIN ${base64(`\0user\0${secret}`)}`],
  ["AUTH LOGIN's answer", ["LOGIN"], base64(secret)],
  ["it without its padding", ["LOGIN"], base64(secret).replaceAll("=", "")],
  ["it cut short", ["PLAIN"], base64(`\0user\0${secret}`).slice(0, 20)],
  ["it in two pieces", ["LOGIN"], base64(secret).replace(/^(.{7})/, "$1 ")],
  ["the password itself", ["PLAIN"], `user:${secret}`],
  ["name and password", ["PLAIN"], base64(`user:${secret}`)],
])("a reply that repeats %s tells no password", async (_what, authMethods, echo) => {
  const port = await submission({
    authMethods,
    onAuth: (_auth, _session, done) => done(refusal(501, `5.5.2 Cannot decode: ${echo}`)),
  });
  const { sentence } = await trial(port, { password: secret });
  expect(sentence).toMatch(/refuses the user name and password: 501 5\.5\.2 Cannot decode: /);
  expect(sentence).toContain("(left out)");
  const plain = base64(`\0user\0${secret}`);
  const said = sentence.replace(/\s/g, "");
  for (const told of [secret, "s3cret", base64(secret).slice(0, 10), plain.slice(0, 16), plain.slice(-12)])
    expect(said).not.toContain(told.replace(/\s/g, ""));
});

test("a sign-in that is refused for now may be tried again", async () => {
  const port = await submission({
    onAuth: (_auth, _session, done) => done(refusal(454, "Temporary authentication failure")),
  });
  expect(await trial(port)).toMatchObject({ reached: "tls", retry: "temporary" });
});

const certificates: readonly (readonly [string, () => { cert: string; key: string }, RegExp])[] = [
  [
    "expired",
    () => issued("localhost", { until: "20210101000000Z" }),
    /shows a certificate that has expired/,
  ],
  ["of another host", () => issued("impostor.example"), /shows a certificate of another host/],
  ["signed by itself", selfSigned, /shows a certificate that it signed itself/],
];
test.each(certificates)("a certificate that is %s never hears the password", async (_what, made, words) => {
  const result = await trial(await submission(made()));
  expect(result).toMatchObject({ reached: "greeting", retry: "permanent" });
  expect(result.sentence).toMatch(words);
  expect(passwordsHeard).toEqual([]);
});

test("whoever takes any certificate gets the sign-in, as Postfix would then", async () => {
  const port = await submission(selfSigned());
  expect(await trial(port, { verifiesCertificate: false })).toMatchObject({ reached: "done" });
});

test("a server without STARTTLS never hears the password", async () => {
  const port = await submission({ hideSTARTTLS: true });
  const result = await trial(port);
  expect(result).toMatchObject({ reached: "greeting", retry: "permanent" });
  expect(result.sentence).toMatch(/offers no STARTTLS, and a password is never sent in the clear/);
  expect(passwordsHeard).toEqual([]);
});

test("a sender that may not send there is told before any mail bounces", async () => {
  const result = await trial(await submission(), { sender: "ann@beta.example" });
  expect(result).toMatchObject({ reached: "sign-in", retry: "permanent" });
  expect(result.sentence).toMatch(/refuses mail from ann@beta\.example: 554 Email address is not verified/);
});

test("a server that falls silent during the sign-in is a temporary trouble with its name", async () => {
  const port = await submission({ onAuth: () => undefined });
  const result = await trial(port, { answerWithinMs: 300 });
  expect(result).toMatchObject({ reached: "tls", retry: "temporary" });
  expect(result.sentence).toMatch(/^localhost:\d+ does not answer in time\. It may be gone by itself/);
});

function selfSigned(): { cert: string; key: string } {
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  openssl("req", "-x509", ...keyArgs, ...names, "-out", place.self);
  return { cert: readFileSync(place.self, "utf8"), key: readFileSync(place.key, "utf8") };
}
