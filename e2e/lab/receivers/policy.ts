import { isIP } from "node:net";
import type { SmtpReply, Stage } from "./reply.ts";

/** What a test may set, per receiver, while the lab runs. What is left out is as at the start: everything is taken. */
export interface ReceiverPolicy {
  /** Client addresses, or networks like 198.51.100.0/24, that are on the receiver's block list. */
  readonly block?: readonly string[];
  /** Client addresses or networks that the receiver knows. Where it is set, all others have no reputation and are refused. */
  readonly knows?: readonly string[];
  /** Local parts that exist. Everyone exists when it is left out. */
  readonly users?: readonly string[];
  /** Local parts whose mailbox is full. */
  readonly full?: readonly string[];
  /** Messages taken per minute from one client address; further ones are put off. */
  readonly rateLimit?: number;
  /** Seconds for which the first attempt of a client, sender and recipient is put off. */
  readonly greylistSeconds?: number;
  /** Words in a message, in any case of letters, for which it is refused as spam. */
  readonly spam?: readonly string[];
  /** Domains in From that have a bad name. */
  readonly distrusts?: readonly string[];
  /** Refuse mail that does not come over TLS. */
  readonly requiresTls?: boolean;
  /** Refuse mail over IPv6, as from an address without a history there. */
  readonly refusesIpv6?: boolean;
  /** Refuse mail that neither SPF nor DKIM authenticates, or that DMARC rejects. True when it is left out. */
  readonly requiresAuthentication?: boolean;
  /** Refuse clients without forward-confirmed reverse DNS. True when it is left out. */
  readonly requiresReverseName?: boolean;
  /** Answer every mail with this, whatever it is. */
  readonly reply?: SmtpReply & { readonly at: Stage };
}

const isTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one) => typeof one === "string");
const isNetworks = (value: unknown): boolean => isTexts(value) && (value as string[]).every(isNetwork);
const isNetwork = (text: string): boolean => {
  const [address = "", prefix = "0"] = text.split("/");
  const bits = isIP(address) === 4 ? 32 : 128;
  return isIP(address) !== 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits;
};
const isNumber = (value: unknown): boolean => typeof value === "number" && value >= 0;
const isFlag = (value: unknown): boolean => typeof value === "boolean";
const stages: readonly unknown[] = ["connect", "sender", "recipient", "message"] satisfies Stage[];
const isReply = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  "code" in value &&
  typeof value.code === "number" &&
  "text" in value &&
  isTexts(value.text) &&
  "at" in value &&
  stages.includes(value.at);

/** What each part holds, in words for whoever typed something else. */
const parts: Readonly<Record<keyof ReceiverPolicy, readonly [(value: unknown) => boolean, string]>> = {
  block: [isNetworks, 'a list of addresses or networks, like ["198.51.100.11"]'],
  knows: [isNetworks, 'a list of addresses or networks, like ["198.51.100.0/24"]'],
  users: [isTexts, 'a list of local parts, like ["bob"]'],
  full: [isTexts, 'a list of local parts, like ["bob"]'],
  rateLimit: [isNumber, "messages per minute, like 1"],
  greylistSeconds: [isNumber, "seconds, like 300"],
  spam: [isTexts, 'a list of words, like ["casino"]'],
  distrusts: [isTexts, 'a list of domains, like ["alpha.example"]'],
  requiresTls: [isFlag, "true or false"],
  refusesIpv6: [isFlag, "true or false"],
  requiresAuthentication: [isFlag, "true or false"],
  requiresReverseName: [isFlag, "true or false"],
  reply: [
    isReply,
    '{"at":"message","code":451,"text":["4.3.0 Later"]}, at connect, sender, recipient or message',
  ],
};

/** The parts of a policy with what each holds, a line each, for a person. */
export const policyHelp: readonly string[] = Object.entries(parts).map(
  ([name, [, holds]]) => `${name}: ${holds}`,
);

/** Reads a policy as a person or a test wrote it. Throws a sentence that names the part that is wrong. */
export function readPolicy(value: unknown): ReceiverPolicy {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error('A policy is an object, like {"block":["198.51.100.11"]}.');
  for (const [name, held] of Object.entries(value)) {
    const part = Object.entries(parts).find(([known]) => known === name)?.[1];
    if (part === undefined)
      throw new Error(`A policy has no "${name}", but ${Object.keys(parts).join(", ")}.`);
    const [isRight, holds] = part;
    if (!isRight(held)) throw new Error(`"${name}" takes ${holds}.`);
  }
  return value;
}
