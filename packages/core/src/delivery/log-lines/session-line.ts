import { type Endpoint, endpointPattern, parseEndpoint } from "./endpoint.ts";
import { parseKeyValues, readValue } from "./key-values.ts";
import { queueIdPattern } from "./queue-id.ts";

/** That a connection is kept from listeners, and how far the other side's certificate was believed. */
export interface TlsSessionLine {
  readonly kind: "tls";
  readonly direction: "to" | "from";
  readonly trust: "Anonymous" | "Untrusted" | "Trusted" | "Verified";
  readonly peer: Endpoint;
  readonly version: string;
}

/** A TLS session with all that is logged of it. */
export interface TlsLine extends TlsSessionLine {
  readonly cipher: string;
  /** Used and available bits, as `256/256`. */
  readonly cipherBits: string;
  readonly keyExchange: string | null;
  readonly serverSignature: string | null;
  /** Curve or size of the server's key. */
  readonly serverSignatureDetail: string | null;
  readonly serverDigest: string | null;
}

/** What smtpd takes in, refuses, or sees break off. */
export type ReceivingLine =
  | ReceivedLine
  | RefusalLine
  | {
      readonly kind: "connected" | "disconnected";
      readonly client: Endpoint;
      readonly commands: ReadonlyMap<string, CommandCount>;
    }
  | {
      readonly kind: "lost-client";
      readonly client: Endpoint;
      readonly how: string;
      readonly stage: string | null;
      /** What the client sent, or why the session ended, where the line says so. */
      readonly detail: string | null;
    }
  | {
      readonly kind: "proxied";
      readonly result: string;
      readonly stage: string;
      readonly text: string;
      readonly envelope: Envelope;
    }
  | { readonly kind: "ehlo-words-left-out"; readonly words: string };

/** A message that is being taken in. */
export interface ReceivedLine {
  readonly kind: "received";
  readonly queueId: string;
  readonly client: Endpoint;
  readonly saslUsername: string | null;
  readonly saslMethod: string | null;
  /** The message's queue id before a content filter handed it back. */
  readonly originalQueueId: string | null;
}

/** A refusal, or another action, of smtpd, cleanup's milters or postscreen before the message was taken. */
export interface RefusalLine {
  readonly kind: "refusal";
  readonly queueId: string;
  /** `reject`, `discard`, `filter`, `hold`, `warn`, `milter-reject`... */
  readonly action: string;
  readonly stage: string;
  readonly client: Endpoint;
  readonly code: string | null;
  readonly enhanced: string | null;
  /** The address or host that the reason is about. */
  readonly about: string | null;
  readonly reason: string;
  readonly envelope: Envelope;
}

/** What is known of a message before its header. */
export interface Envelope {
  readonly from: string | null;
  readonly to: string | null;
  readonly protocol: string | null;
  readonly helo: string | null;
}

/** How often a client gave a command, and how often with success. */
export interface CommandCount {
  readonly accepted: number;
  readonly given: number;
}

const host = endpointPattern;
const tlsSession = new RegExp(
  String.raw`^(Anonymous|Untrusted|Trusted|Verified) TLS connection (?:established|reused) (to|from) ${host}(?: with \S+)?: (\S{1,20}) `,
);
const tlsDetails =
  /^with cipher (\S+) \((\d+\/\d+) bits\)(?: key-exchange (\S+(?: \([^)]*\))?))?(?: (?:server|client)-signature (\S+)(?: \(([^)]*)\))?)?(?: (?:server|client)-digest (\S+))?/;
const received = new RegExp(`^${queueIdPattern}: client=${host}(?:, (.*))?$`, "s");
const refusal = new RegExp(
  String.raw`^${queueIdPattern}: ([a-z-]+): (\S+(?: \S+)??) from (\S*\[[^\]\s]*\](?::\d+)?): (?:(\d{3}) )?(?:([245]\.\d{1,3}\.\d{1,3}) )?(?:<([^>]*)>: )?(.*?)(?:; ((?:from|to|proto|helo)=.*))?$`,
  "s",
);
const connected = new RegExp(`^(connect|disconnect) from ${host}(?: (.*))?$`);
const lost = new RegExp(
  String.raw`^(lost connection|timeout|improper command pipelining|bare <LF> received|too many errors|Connection (?:concurrency|rate) limit exceeded[^f]*) after (\S+(?: \(\d+ bytes\))?) from ${host}(?:: ?(.*))?$`,
  "s",
);
const acceptError = new RegExp(`^(SSL_accept error) from ${host}: (.*)$`);
const proxied = /^proxy-(\w+): ([\w-]+): (.*?); (from=.*)$/s;
const leftOut = /^discarding EHLO keywords: (.*)$/;

/** Reads that a TLS session began; null for any other line. */
export function parseTlsSession(message: string): TlsSessionLine | null {
  const [whole, trust, direction, peerText = "", version = ""] = tlsSession.exec(message) ?? [];
  const peer = parseEndpoint(peerText);
  if (whole === undefined || peer === null) return null;
  return { kind: "tls", direction: direction as "to", trust: trust as "Trusted", peer, version };
}

/** Reads a line that tells of a TLS session whole; null for any other. */
export function parseTlsLine(message: string): TlsLine | null {
  const session = parseTlsSession(message);
  if (session === null) return null;
  const details = tlsDetails.exec(message.slice(message.indexOf(" with cipher ") + 1));
  if (details === null) return null;
  const [, cipher = "", cipherBits = "", ...more] = details;
  return {
    ...session,
    cipher,
    cipherBits,
    keyExchange: more[0] ?? null,
    serverSignature: more[1] ?? null,
    serverSignatureDetail: more[2] ?? null,
    serverDigest: more[3] ?? null,
  };
}

/** Reads what smtpd, postscreen and cleanup log of a client; null for any other line. */
export function parseReceivingLine(message: string): ReceivingLine | null {
  return (
    parseMessageReceivingLine(message) ??
    parseConnection(message) ??
    parseLost(message) ??
    parseProxied(message) ??
    parseLeftOut(message)
  );
}

/** Whether a message that was read already is turned away as a whole, and not one of its recipients. */
export function isRefusedWhole({ action, stage }: RefusalLine): boolean {
  return /(?:reject|discard)$/.test(action) && /^(?:END-OF|CONTENT)/.test(stage);
}

/** Reads that a message was taken in or turned away; null for any other line. */
export function parseMessageReceivingLine(message: string): ReceivedLine | RefusalLine | null {
  return parseReceived(message) ?? parseRefusal(message);
}

function parseReceived(message: string): ReceivedLine | null {
  const [, queueId, clientText, more = ""] = received.exec(message) ?? [];
  const client = parseEndpoint(clientText ?? "");
  if (queueId === undefined || client === null) return null;
  return {
    kind: "received",
    queueId,
    client,
    saslUsername: readValue(more, "sasl_username="),
    saslMethod: readValue(more, "sasl_method="),
    originalQueueId: queueIdIn(readValue(more, "orig_queue_id=")),
  };
}

const wholeQueueId = new RegExp(`^${queueIdPattern}$`);

/** A text that is a queue id and nothing else. */
export function queueIdIn(text: string | null): string | null {
  return text !== null && wholeQueueId.test(text) ? text : null;
}

function parseRefusal(message: string): RefusalLine | null {
  const found = refusal.exec(message);
  if (found === null) return null;
  const [
    ,
    queueId = "",
    action = "",
    stage = "",
    clientText = "",
    code,
    enhanced,
    about,
    reason = "",
    pairs = "",
  ] = found;
  const client = parseEndpoint(clientText);
  if (client === null) return null;
  return {
    kind: "refusal",
    queueId,
    action,
    stage,
    client,
    code: code ?? null,
    enhanced: enhanced ?? null,
    about: about ?? null,
    reason,
    envelope: parseEnvelope(pairs),
  };
}

function parseConnection(message: string): ReceivingLine | null {
  const [, word, clientText, counts = ""] = connected.exec(message) ?? [];
  const client = parseEndpoint(clientText ?? "");
  if (word === undefined || client === null) return null;
  return {
    kind: word === "connect" ? "connected" : "disconnected",
    client,
    commands: parseCommandCounts(counts),
  };
}

/** Reads `ehlo=1 auth=0/1 quit=1 commands=2/3`. */
export function parseCommandCounts(text: string): ReadonlyMap<string, CommandCount> {
  const counts = new Map<string, CommandCount>();
  for (const [, command, first, second] of text.matchAll(/(\w+)=(\d+)(?:\/(\d+))?/g))
    if (command !== undefined)
      counts.set(command, { accepted: Number(first), given: Number(second ?? first) });
  return counts;
}

function parseLost(message: string): ReceivingLine | null {
  const [, how, stage, clientText, detail] = lost.exec(message) ?? [];
  const client = parseEndpoint(clientText ?? "");
  if (how !== undefined && stage !== undefined && client !== null)
    return { kind: "lost-client", client, how, stage: stage.replace(/ \(.*/, ""), detail: detail ?? null };
  const [, error, errorClient, why] = acceptError.exec(message) ?? [];
  const unshaken = parseEndpoint(errorClient ?? "");
  return error === undefined || unshaken === null
    ? null
    : { kind: "lost-client", client: unshaken, how: error, stage: null, detail: why ?? null };
}

function parseProxied(message: string): ReceivingLine | null {
  const [, result, stage, text = "", pairs = ""] = proxied.exec(message) ?? [];
  if (result === undefined || stage === undefined) return null;
  return { kind: "proxied", result, stage, text, envelope: parseEnvelope(pairs) };
}

function parseLeftOut(message: string): ReceivingLine | null {
  const [, words] = leftOut.exec(message) ?? [];
  return words === undefined ? null : { kind: "ehlo-words-left-out", words };
}

function parseEnvelope(pairs: string): Envelope {
  const values = parseKeyValues(pairs);
  return {
    from: values.get("from") ?? null,
    to: values.get("to") ?? null,
    protocol: values.get("proto") ?? null,
    helo: values.get("helo") ?? null,
  };
}
