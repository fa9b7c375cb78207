import { type AddressInfo, connect, type Socket } from "node:net";
import { createServer, type Server, type TlsOptions } from "node:tls";
import { judgeTls } from "@mailstead/core/checks";
import { afterEach, expect, test } from "vitest";
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
  ["TLS 1.3 alone", { ...right, minVersion: "TLSv1.3" }, "tls-12-missing"],
])("%s is found", async (_what, options, expected) => {
  expect(await kindsOf(await serve(options, refusesRenegotiation))).toContain(expected);
});

test("a client that may begin the handshake anew is found", async () => {
  expect(await kindsOf(await serve(right))).toEqual(["tls-renegotiation"]);
});

test("what cannot be reached is not judged", async () => {
  expect(await kindsOf(1)).toEqual([]);
});
