import { type Endpoint, endpointPattern, parseEndpoint } from "./endpoint.ts";
import { queueIdPattern } from "./queue-id.ts";

/** What Postfix's client notes on its way to a receiver, before the attempt has ended. */
export type ClientLine =
  | { readonly kind: "not-connected"; readonly relay: Endpoint; readonly why: string }
  | {
      readonly kind: "lost-relay";
      readonly queueId: string | null;
      readonly relay: Endpoint;
      readonly how: string;
      readonly stage: string | null;
    }
  | {
      readonly kind: "host-reply";
      readonly queueId: string;
      readonly relay: Endpoint;
      readonly reply: string;
      readonly stage: string | null;
    }
  | { readonly kind: "certificate-refused"; readonly relay: Endpoint; readonly why: string }
  /** What the receiver's greeting or its offer made Postfix do otherwise than usual. */
  | {
      readonly kind: "odd-receiver";
      readonly queueId: string | null;
      readonly relay: Endpoint;
      readonly what: "PIX workarounds" | "SMTPUTF8 without 8BITMIME";
      readonly detail: string | null;
    };

const host = endpointPattern;
const notConnected = new RegExp(`^connect to ${host}: (.*)$`);
const lost = new RegExp(`^(?:${queueIdPattern}: )?(lost connection) with ${host}(?: while (.*))?$`);
const timedOut = new RegExp(
  `^(?:${queueIdPattern}: )?conversation with ${host} (timed out)(?: while (.*))?$`,
);
const unshaken = new RegExp(`^SSL_connect error to ${host}: (.*)$`);
const replied = new RegExp(`^${queueIdPattern}: host ${host} (?:said|refused to talk to me): (.*)$`, "s");
const certificate = new RegExp(`^(?:server )?certificate verification failed for ${host}: (.*)$`);
const pix = new RegExp(`^(?:${queueIdPattern}: )?enabling PIX workarounds: (.*) for ${host}$`);
const utf8 = new RegExp(`^(?:${queueIdPattern}: )?host ${host} offers SMTPUTF8 support, but not 8BITMIME`);
const suspended = "delivery temporarily suspended: ";
const namedHost = /^(?:host|connect to|lost connection with|conversation with) ([^\s[]+)\[/;

/**
 * Whom Postfix names in a text of its own about a delivery that reached nobody (smtp(8), and error(8) for what it puts off
 * without a try); null where the text names none.
 */
export function hostNamedIn(text: string): string | null {
  return namedHost.exec(withoutSuspension(text))?.[1] ?? null;
}

const withoutSuspension = (text: string): string =>
  text.startsWith(suspended) ? text.slice(suspended.length) : text;

const inReplyTo = / \(in reply to (.*?)(?: command)?\)$/s;

/** Reads what smtp and lmtp log besides attempts; null for any other line. */
export function parseClientLine(message: string): ClientLine | null {
  const connecting = notConnected.exec(message);
  if (connecting !== null)
    return withRelay(connecting[1], (relay) => ({ kind: "not-connected", relay, why: connecting[2] ?? "" }));
  const broken = lost.exec(message);
  if (broken !== null)
    return withRelay(broken[3], (relay) => lostRelay(relay, [broken[1], broken[2], broken[4]]));
  const silent = timedOut.exec(message);
  if (silent !== null)
    return withRelay(silent[2], (relay) => lostRelay(relay, [silent[1], silent[3], silent[4]]));
  const handshake = unshaken.exec(message);
  if (handshake !== null)
    return withRelay(handshake[1], (relay) => lostRelay(relay, [undefined, handshake[2], undefined]));
  const reply = replied.exec(message);
  if (reply !== null)
    return withRelay(reply[2], (relay) => ({
      kind: "host-reply",
      queueId: reply[1] ?? "",
      relay,
      ...splitReply(reply[3] ?? ""),
    }));
  const refused = certificate.exec(message);
  if (refused !== null)
    return withRelay(refused[1], (relay) => ({ kind: "certificate-refused", relay, why: refused[2] ?? "" }));
  return parseOddReceiver(message);
}

function parseOddReceiver(message: string): ClientLine | null {
  const old = pix.exec(message);
  if (old !== null)
    return withRelay(old[3], (relay) => ({
      kind: "odd-receiver",
      queueId: old[1] ?? null,
      relay,
      what: "PIX workarounds",
      detail: old[2] ?? null,
    }));
  const half = utf8.exec(message);
  if (half === null) return null;
  return withRelay(half[2], (relay) => ({
    kind: "odd-receiver",
    queueId: half[1] ?? null,
    relay,
    what: "SMTPUTF8 without 8BITMIME",
    detail: null,
  }));
}

/**
 * Takes what a receiver said out of Postfix's own words around it: the reply, and the command that it answered.
 * A text in which nobody is quoted stays as it is.
 *
 * @example
 * splitReply("host mx[192.0.2.1] said: 550 5.1.1 No (in reply to RCPT TO command)") // reply "550 5.1.1 No", stage "RCPT TO"
 */
export function splitReply(said: string): { reply: string; stage: string | null } {
  const text = withoutSuspension(said);
  if (!text.startsWith("host ") && !text.includes(" (in reply to ")) return { reply: text, stage: null };
  const stage = inReplyTo.exec(text);
  const quoted = stage === null ? text : text.slice(0, stage.index);
  return {
    reply: quoted.replace(/^host \S+\[[^\]]*\](?::\d+)? (?:said|refused to talk to me): /s, ""),
    stage: stage?.[1] ?? null,
  };
}

function withRelay(text: string | undefined, build: (relay: Endpoint) => ClientLine): ClientLine | null {
  const relay = parseEndpoint(text ?? "");
  return relay === null ? null : build(relay);
}

function lostRelay(
  relay: Endpoint,
  [queueId, how, stage]: readonly [string | undefined, string | undefined, string | undefined],
): ClientLine {
  return { kind: "lost-relay", queueId: queueId ?? null, relay, how: how ?? "", stage: stage ?? null };
}
