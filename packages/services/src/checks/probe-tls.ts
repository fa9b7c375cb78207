import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { TlsFacts } from "@mailstead/core/checks";
import { earlyDataMaxOf } from "./early-data.ts";
import {
  type ClientHello,
  encodeClientHello,
  extensionTypes,
  type HelloReading,
  primeCiphers,
  readServerHello,
  strongCiphers,
  weakCiphers,
} from "./tls-hello.ts";

export interface TlsTarget {
  /** Gives a connection in which the server waits for TLS to begin; rejects when there is none. */
  open: () => Promise<Socket>;
  hostname: string;
  /** A line to say once TLS stands, where the server says nothing by itself. */
  firstLine: string | null;
}

const answerTimeoutMs = 10_000;
/** A server that refuses to begin anew may do so by saying nothing. */
const renegotiationTimeoutMs = 3_000;
// No server's choice and key exchange need more; certificates of today come to a few thousand bytes.
const answerSizeMaxBytes = 65_536;

const legacyVersions: Readonly<Record<number, string>> = {
  768: "SSL 3.0",
  769: "TLS 1.0",
  770: "TLS 1.1",
};
const tls11 = 0x0302;
const tls12 = 0x0303;
const manyCiphers = [...strongCiphers, ...primeCiphers, ...weakCiphers.keys()];

/**
 * Finds out what a server's TLS takes, by offering each thing alone in a connection of its own, one after another.
 * What a connection could not tell stays null. Never throws for what the network does.
 */
export async function probeTls(target: TlsTarget): Promise<TlsFacts> {
  const ask = (hello: Omit<ClientHello, "servername">) =>
    offer(target, { ...hello, servername: target.hostname });
  const old = await ask({ version: tls11, ciphers: manyCiphers, allowsSha1: true });
  const modern = await ask({ version: tls12, ciphers: strongCiphers, allowsSha1: false });
  const weak = await ask({ version: tls12, ciphers: [...weakCiphers.keys()], allowsSha1: true });
  const prime = await ask({ version: tls12, ciphers: primeCiphers, allowsSha1: true });
  const newest = await lookThroughNewest(target);
  const chosen = modern.kind === "chosen" && modern.hello.version === tls12 ? modern.hello : null;
  return {
    oldVersion: told(old, (hello) => legacyVersions[hello.version] ?? ""),
    hasTls12: modern.kind === "incomplete" ? null : chosen !== null,
    hasTls13: newest.hasTls13,
    weakCipher: told(weak, (hello) => weakCiphers.get(hello.cipher) ?? ""),
    compresses: chosen === null ? null : chosen.compression !== 0,
    renegotiates: chosen === null ? null : await renegotiates(target),
    isRenegotiationSecure: chosen?.extensions.includes(extensionTypes.renegotiationInfo) ?? null,
    hasExtendedMasterSecret: chosen?.extensions.includes(extensionTypes.extendedMasterSecret) ?? null,
    earlyDataMaxBytes: newest.earlyDataMaxBytes,
    primeBits: prime.kind === "chosen" ? prime.hello.primeBits : prime.kind === "refused" ? 0 : null,
  };
}

/** A refusal is "", and what broke off says nothing. */
function told(
  reading: HelloReading,
  name: (hello: { version: number; cipher: number }) => string,
): string | null {
  if (reading.kind === "chosen") return name(reading.hello);
  return reading.kind === "refused" ? "" : null;
}

/** Offers this much and no more. A server that hangs up instead of refusing in words has refused as well. */
async function offer({ open }: TlsTarget, hello: ClientHello): Promise<HelloReading> {
  const socket = await open().catch(() => null);
  if (socket === null) return { kind: "incomplete" };
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    const end = (reading: HelloReading) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(reading);
    };
    const timer = setTimeout(() => end({ kind: "incomplete" }), answerTimeoutMs);
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      const reading = readServerHello(received);
      if (reading.kind !== "incomplete" || received.length > answerSizeMaxBytes) end(reading);
    });
    socket.once("close", () => end({ kind: "refused", alert: 0 }));
    socket.once("error", () => end({ kind: "refused", alert: 0 }));
    socket.write(encodeClientHello(hello));
  });
}

/** The newest version that both sides know, and what its tickets allow: they come before the server's first words. */
async function lookThroughNewest(
  target: TlsTarget,
): Promise<{ hasTls13: boolean | null; earlyDataMaxBytes: number | null }> {
  const unknown = { hasTls13: null, earlyDataMaxBytes: null };
  const socket = await target.open().catch(() => null);
  if (socket === null) return unknown;
  return new Promise((resolve) => {
    const tls = connectTls({ socket, servername: target.hostname, rejectUnauthorized: false });
    const tickets: (number | null)[] = [];
    const end = (facts: typeof unknown | { hasTls13: boolean; earlyDataMaxBytes: number | null }) => {
      clearTimeout(timer);
      tls.destroy();
      resolve(facts);
    };
    const seen = () => {
      const hasTls13 = tls.getProtocol() === "TLSv1.3";
      const isUnread = tickets.includes(null);
      end({
        hasTls13,
        earlyDataMaxBytes: hasTls13 && !isUnread ? Math.max(0, ...tickets.map((one) => one ?? 0)) : null,
      });
    };
    const timer = setTimeout(() => end(unknown), answerTimeoutMs);
    tls.on("session", (session) => tickets.push(earlyDataMaxOf(session)));
    tls.once("secureConnect", () => {
      if (target.firstLine !== null) tls.write(`${target.firstLine}\r\n`);
    });
    tls.once("data", seen);
    tls.once("error", () => end(unknown));
    tls.once("close", () => end(unknown));
  });
}

async function renegotiates(target: TlsTarget): Promise<boolean | null> {
  const socket = await target.open().catch(() => null);
  if (socket === null) return null;
  return new Promise((resolve) => {
    const tls = connectTls({
      socket,
      servername: target.hostname,
      rejectUnauthorized: false,
      maxVersion: "TLSv1.2",
    });
    let hasAsked = false;
    const end = (answer: boolean | null) => {
      clearTimeout(timer);
      tls.destroy();
      resolve(answer);
    };
    let timer = setTimeout(() => end(null), answerTimeoutMs);
    tls.once("secureConnect", () => {
      hasAsked = true;
      clearTimeout(timer);
      timer = setTimeout(() => end(false), renegotiationTimeoutMs);
      tls.renegotiate({ rejectUnauthorized: false }, (refusal) => end(refusal === null));
    });
    tls.on("data", () => undefined);
    tls.once("error", () => end(hasAsked ? false : null));
    tls.once("close", () => end(hasAsked ? false : null));
  });
}
