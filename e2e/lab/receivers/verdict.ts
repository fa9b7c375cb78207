import { BlockList, isIPv6 } from "node:net";
import type { ReceiverPolicy } from "./policy.ts";
import type { ReceiverName } from "./profiles.ts";
import type { AuthenticationFacts, SmtpReply, Stage } from "./reply.ts";
import { type ProviderTexts, texts } from "./texts.ts";

/** A client as far as a receiver knows it before it says anything. */
export interface Client {
  readonly address: string;
}

/** Answers a new connection; undefined lets it in. */
export function judgeConnection(
  name: ReceiverName,
  policy: ReceiverPolicy,
  client: Client,
): SmtpReply | undefined {
  if (policy.reply?.at === "connect") return policy.reply;
  return judgeAddress(name, policy, { client, stage: "connect" });
}

/** Answers MAIL FROM. `takenLastMinute` counts the messages already taken from this client. */
export function judgeSender(
  name: ReceiverName,
  policy: ReceiverPolicy,
  client: Client & { readonly takenLastMinute: number; readonly isEncrypted: boolean },
): SmtpReply | undefined {
  if (policy.reply?.at === "sender") return policy.reply;
  const refusal = judgeAddress(name, policy, { client, stage: "sender" });
  if (refusal) return refusal;
  if (policy.requiresTls === true && !client.isEncrypted) return texts[name].noTls();
  const isOver = policy.rateLimit !== undefined && client.takenLastMinute >= policy.rateLimit;
  return isOver ? texts[name].tooMany(client.address) : undefined;
}

/** Answers RCPT TO. `firstTriedMs` says for how long this client has tried to reach this recipient for this sender. */
export function judgeRecipient(
  name: ReceiverName,
  policy: ReceiverPolicy,
  { address, client, firstTriedMs }: { address: string; client: Client; firstTriedMs: number },
): SmtpReply | undefined {
  if (policy.reply?.at === "recipient") return policy.reply;
  const refusal = judgeAddress(name, policy, { client, stage: "recipient" });
  if (refusal) return refusal;
  const local = address.slice(0, address.lastIndexOf("@")).toLowerCase();
  if (policy.users && !policy.users.includes(local)) return texts[name].unknownUser(address);
  if (policy.full?.includes(local)) return texts[name].full(address);
  const isGrey = policy.greylistSeconds !== undefined && firstTriedMs < policy.greylistSeconds * 1000;
  return isGrey ? texts[name].later(client.address, address) : undefined;
}

/** Answers the message once SPF, DKIM and DMARC have been looked at; undefined takes it. */
export function judgeMessage(
  name: ReceiverName,
  policy: ReceiverPolicy,
  message: {
    readonly client: Client;
    readonly hasReverseName: boolean;
    readonly facts: AuthenticationFacts;
    readonly raw: string;
  },
): SmtpReply | undefined {
  if (policy.reply?.at === "message") return policy.reply;
  const { client, facts } = message;
  const said = texts[name];
  const refusal = judgeAddress(name, policy, { client, stage: "message" });
  if (refusal) return refusal;
  if (policy.requiresReverseName !== false && !message.hasReverseName)
    return said.noReverseName(client.address);
  if (policy.requiresAuthentication !== false) {
    if (facts.dmarc === "fail" && facts.dmarcPolicy === "reject") return said.dmarc(facts);
    const hasDkim = facts.dkim.some((signature) => signature.result === "pass");
    if (facts.spf !== "pass" && !hasDkim) return said.unauthenticated(facts, client.address);
  }
  if (policy.distrusts?.includes(facts.headerFrom)) return said.distrusted(client.address);
  const text = message.raw.toLowerCase();
  return policy.spam?.some((word) => text.includes(word.toLowerCase())) === true
    ? said.spam(client.address)
    : undefined;
}

/** Answers what is held against the client's address, where this receiver says so at this stage. */
function judgeAddress(
  name: ReceiverName,
  { block, knows, refusesIpv6 }: ReceiverPolicy,
  { client: { address }, stage }: { client: Client; stage: Stage },
): SmtpReply | undefined {
  const said: ProviderTexts = texts[name];
  if (stage !== said.addressStage) return undefined;
  if (block?.includes(address) === true) return said.blocked(address);
  if (isAmong(block, address)) return said.blockedNetwork(address);
  if (knows !== undefined && !isAmong(knows, address)) return said.notKnown(address);
  return refusesIpv6 === true && isIPv6(address) ? said.overIpv6(address) : undefined;
}

function isAmong(networks: readonly string[] | undefined, address: string): boolean {
  const list = new BlockList();
  for (const one of networks ?? []) {
    const [network = "", prefix] = one.split("/");
    const family = isIPv6(network) ? "ipv6" : "ipv4";
    if (prefix === undefined) list.addAddress(network, family);
    else list.addSubnet(network, Number(prefix), family);
  }
  return list.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}
