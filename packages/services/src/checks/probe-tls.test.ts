import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer as createPlainServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type Server, type TlsOptions } from "node:tls";
import { judgeTls } from "@mailstead/core/checks";
import { afterEach, expect, test } from "vitest";
import { oldHostCertificate, shortPrime } from "../testing/old-tls.ts";
import { mailHostCertificate } from "../testing/test-certificates.ts";
import { probeTls } from "./probe-tls.ts";

const running: { stop: () => void }[] = [];
afterEach(() => {
  for (const one of running.splice(0)) one.stop();
});

/** A server that greets over TLS as IMAP does. */
async function serve(options: TlsOptions, onConnection?: (server: Server) => void): Promise<number> {
  const server = createServer({ ...mailHostCertificate, ...options }, (socket) => {
    socket.on("error", () => socket.destroy());
    socket.write("* OK ready\r\n");
  });
  server.on("tlsClientError", () => undefined);
  onConnection?.(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  running.push({ stop: () => server.close() });
  return (server.address() as AddressInfo).port;
}

const opening = (port: number) => (): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port }, () => resolve(socket));
    socket.once("error", reject);
  });
const factsOf = (port: number) =>
  probeTls({ open: opening(port), hostname: "mail1.msp.example", firstLine: null });
const kindsOf = async (port: number) => judgeTls(await factsOf(port), "here:993").map(({ kind }) => kind);

const right: TlsOptions = { minVersion: "TLSv1.2", ciphers: "ECDHE+AESGCM:!aNULL" };
const refusesRenegotiation = (server: Server) =>
  server.on("secureConnection", (socket) => socket.disableRenegotiation());

test("a server of today has no finding", async () => {
  const port = await serve(right, refusesRenegotiation);
  expect(await factsOf(port)).toEqual({
    oldVersion: "",
    hasTls12: true,
    hasTls13: true,
    weakCipher: "",
    compresses: false,
    renegotiates: false,
    isRenegotiationSecure: true,
    hasExtendedMasterSecret: true,
    earlyDataMaxBytes: 0,
    primeBits: 0,
  });
  expect(await kindsOf(port)).toEqual([]);
});

test.each<[string, TlsOptions, string]>([
  ["TLS 1.0 and 1.1", { minVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" }, "tls-old"],
  ["a cipher without forward secrecy or with CBC", { ciphers: "ECDHE+AES:!aNULL" }, "tls-weak-cipher"],
  ["TLS 1.2 alone", { ...right, maxVersion: "TLSv1.2" }, "tls-13-missing"],
  [
    "SHA-1 alone for the key exchange",
    {
      ...oldHostCertificate,
      sigalgs: "RSA+SHA1",
      maxVersion: "TLSv1.2",
      ciphers: "ECDHE+AESGCM:@SECLEVEL=0",
    },
    "tls-12-missing",
  ],
  ["TLS 1.3 alone", { ...right, minVersion: "TLSv1.3" }, "tls-12-missing"],
])("%s is found", async (_what, options, expected) => {
  expect(await kindsOf(await serve(options, refusesRenegotiation))).toContain(expected);
});

test("a client that may begin the handshake anew is found", async () => {
  expect(await kindsOf(await serve(right))).toEqual(["tls-renegotiation"]);
});

test("a prime that is too short is found", async () => {
  const port = await serve({
    ...oldHostCertificate,
    maxVersion: "TLSv1.2",
    ciphers: "DHE-RSA-AES128-GCM-SHA256:ECDHE+AESGCM:@SECLEVEL=0",
    dhparam: shortPrime,
  });
  expect((await factsOf(port)).primeBits).toBe(1024);
  expect(await kindsOf(port)).toContain("tls-weak-exchange");
});

/** The choice of a server (RFC 5246 §7.4.1.3): TLS 1.2, ECDHE with RSA and AES-GCM, DEFLATE, and not one extension. */
const carelessHello = (() => {
  const body = Buffer.concat([Buffer.from([3, 3]), Buffer.alloc(32, 7), Buffer.from([0, 0xc0, 0x2f, 1])]);
  const message = Buffer.concat([Buffer.from([2, 0, 0, body.length]), body]);
  return Buffer.concat([Buffer.from([22, 3, 3, 0, message.length]), message]);
})();

test("compression, unprotected renegotiation and sessions that are bound to nothing are found", async () => {
  const server = createPlainServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", () => socket.end(carelessHello));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  running.push({ stop: () => server.close() });
  expect(await kindsOf((server.address() as AddressInfo).port)).toEqual([
    "tls-compression",
    "tls-renegotiation",
    "tls-master-secret",
  ]);
});

/** OpenSSL's own server, which greets once TLS stands. */
async function serveByOpenssl(...options: string[]): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "mailstead-tls-"));
  writeFileSync(join(folder, "host.pem"), `${mailHostCertificate.cert}${mailHostCertificate.key}`);
  const server = spawn("openssl", [
    ...["s_server", "-accept", "127.0.0.1:0", "-cert", join(folder, "host.pem"), ...options],
  ]);
  running.push({
    stop: () => {
      server.kill();
      rmSync(folder, { recursive: true });
    },
  });
  return new Promise((resolve, reject) => {
    let said = "";
    // Whoever only looked at TLS may have gone by the time that it is greeted.
    server.stdin.on("error", () => undefined);
    server.stdout.on("data", (chunk) => {
      said += chunk;
      if (String(chunk).includes("CIPHER is")) server.stdin.write("* OK ready\n");
      const port = /ACCEPT .*:(\d+)/.exec(said)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
    server.once("error", reject);
    server.once("exit", () => reject(new Error(`openssl ended: ${said}`)));
  });
}

test.each([
  ["takes early data", ["-early_data", "-max_early_data", "16384"], 16384],
  ["takes none", [], 0],
])("a server that %s is seen as one", async (_what, options, expected) => {
  const port = await serveByOpenssl(...options);
  const facts = await factsOf(port);
  expect(facts.earlyDataMaxBytes).toBe(expected);
  const kinds = judgeTls(facts, "here:993").map(({ kind }) => kind);
  expect(kinds.includes("tls-early-data")).toBe(expected > 0);
});

test("what cannot be reached is not judged", async () => {
  expect(await kindsOf(1)).toEqual([]);
});
