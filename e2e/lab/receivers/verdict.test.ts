import {
  classifyReply,
  type FixOwner,
  type ProviderId,
  providerOfHost,
  type ReplyCategory,
  redactReply,
} from "@mailstead/core/delivery";
import { describe, expect, it, test } from "vitest";
import { type ReceiverPolicy, readPolicy } from "./policy.ts";
import { type ReceiverName, receiverProfiles } from "./profiles.ts";
import type { AuthenticationFacts, SmtpReply, Stage } from "./reply.ts";
import { judgeConnection, judgeMessage, judgeRecipient, judgeSender } from "./verdict.ts";

const client = "198.51.100.11";
const facts: AuthenticationFacts = {
  spf: "pass",
  spfDomain: "alpha.example",
  dkim: [],
  dmarc: "pass",
  dmarcPolicy: "reject",
  headerFrom: "alpha.example",
};

/** What differs from a message that everybody takes. */
interface Attempt {
  readonly policy: ReceiverPolicy;
  readonly address?: string;
  readonly facts?: Partial<AuthenticationFacts>;
  readonly hasReverseName?: boolean;
  readonly isEncrypted?: boolean;
}

/** Takes one message through all stages, as a session does, and gives the first refusal. */
function refusalOf(name: ReceiverName, attempt: Attempt): { stage: Stage; reply: SmtpReply } | undefined {
  const { policy } = attempt;
  const from = { address: attempt.address ?? client };
  const answers: readonly [Stage, SmtpReply | undefined][] = [
    ["connect", judgeConnection(name, policy, from)],
    [
      "sender",
      judgeSender(name, policy, { ...from, takenLastMinute: 1, isEncrypted: attempt.isEncrypted ?? true }),
    ],
    ["recipient", judgeRecipient(name, policy, { address: "bob@a.example", client: from, firstTriedMs: 0 })],
    [
      "message",
      judgeMessage(name, policy, {
        client: from,
        hasReverseName: attempt.hasReverseName ?? true,
        facts: { ...facts, ...attempt.facts },
        raw: "Subject: The Casino\r\n\r\nCome in.\r\n",
      }),
    ],
  ];
  const [stage, reply] = answers.find(([, answer]) => answer !== undefined) ?? [];
  return stage === undefined || reply === undefined ? undefined : { stage, reply };
}

/** As Postfix logs a reply of several lines. */
function asLogged({ code, text }: SmtpReply): string {
  return text.map((line, at) => `${code}${at < text.length - 1 ? "-" : " "}${line}`).join(" ");
}

const unproven = { spf: "fail", dmarc: "none" } as const;
const attempts = {
  block: { policy: { block: [client] } },
  "block of a network": { policy: { block: ["198.51.100.0/24"] } },
  knows: { policy: { knows: ["203.0.113.0/24"] } },
  refusesIpv6: { policy: { refusesIpv6: true }, address: "2001:db8:51::11" },
  rateLimit: { policy: { rateLimit: 1 } },
  greylistSeconds: { policy: { greylistSeconds: 60 } },
  requiresTls: { policy: { requiresTls: true }, isEncrypted: false },
  users: { policy: { users: ["ann"] } },
  full: { policy: { full: ["bob"] } },
  requiresReverseName: { policy: {}, hasReverseName: false },
  "DMARC fails": { policy: {}, facts: { dmarc: "fail", spf: "fail" } },
  requiresAuthentication: { policy: {}, facts: unproven },
  distrusts: { policy: { distrusts: ["alpha.example"] } },
  spam: { policy: { spam: ["casino"] } },
} as const satisfies Record<string, Attempt>;
type Reason = keyof typeof attempts;

type Expected = readonly [ReplyCategory, FixOwner];
const limited: Expected = ["rate-limit", "us-behaviour"];
const distrusted: Expected = ["ip-reputation", "us-behaviour"];
const dynamic: Expected = ["ip-reputation", "server-provider"];
const common = {
  requiresTls: ["tls-required", "us-configuration"],
  users: ["unknown-user", "us-behaviour"],
  full: ["mailbox-full", "recipient"],
  requiresReverseName: ["rdns", "server-provider"],
  "DMARC fails": ["dmarc-policy", "us-configuration"],
  requiresAuthentication: ["auth-none", "us-configuration"],
  spam: ["content-spam", "us-behaviour"],
  distrusts: ["content-spam", "us-behaviour"],
  block: distrusted,
  "block of a network": distrusted,
  knows: distrusted,
  refusesIpv6: distrusted,
  rateLimit: limited,
  greylistSeconds: ["greylisting", "them"],
} as const satisfies Record<Reason, Expected>;

/** What each receiver's words mean to our own classifier, where that is not what they mostly mean. */
const particular: Record<
  ReceiverName,
  { provider: ProviderId | null; says: Partial<Record<Reason, Expected>> }
> = {
  gmail: {
    provider: "gmail",
    says: {
      knows: dynamic,
      refusesIpv6: ["rdns", "server-provider"],
      greylistSeconds: limited,
      distrusts: ["domain-reputation", "us-behaviour"],
    },
  },
  outlook: {
    provider: "outlook",
    says: {
      knows: dynamic,
      refusesIpv6: ["auth-none", "us-configuration"],
      rateLimit: distrusted,
      greylistSeconds: distrusted,
    },
  },
  yahoo: { provider: "yahoo", says: { block: ["ip-blocklist", "us-behaviour"], greylistSeconds: limited } },
  receiver: {
    provider: null,
    says: {
      "block of a network": ["ip-blocklist", "us-behaviour"],
      distrusts: ["domain-blocklist", "us-behaviour"],
    },
  },
  "t-online": {
    provider: "t-online",
    says: {
      knows: ["ip-reputation", "us-configuration"],
      refusesIpv6: ["ip-reputation", "us-configuration"],
      requiresReverseName: dynamic,
    },
  },
  gmx: { provider: "gmx", says: { requiresAuthentication: ["auth-spf", "us-configuration"] } },
};

describe.each(receiverProfiles)("$name", ({ name, hostname }) => {
  const { provider, says } = particular[name];

  it("is known by the name of its mail host", () => expect(providerOfHost(hostname)).toBe(provider));

  it("takes what is as it should be", () => expect(refusalOf(name, { policy: {} })).toBeUndefined());

  it.each(Object.keys(attempts) as Reason[])("says of %s what our classifier reads as that", (reason) => {
    const { reply } = refusalOf(name, attempts[reason]) ?? {};
    if (reply === undefined) throw new Error("was taken");
    const [category, owner] = says[reason] ?? common[reason];
    const text = asLogged(reply);
    expect(classifyReply(text, provider), text).toMatchObject({
      category,
      owner,
      basis: expect.stringMatching(/words|code/),
    });
    expect(classifyReply(redactReply(text), provider), redactReply(text)).toMatchObject({ category, owner });
  });

  it("puts off with a code of 4 and refuses with one of 5", () => {
    for (const reason of ["rateLimit", "greylistSeconds"] as const)
      expect(refusalOf(name, attempts[reason])?.reply.code, reason).toBeLessThan(500);
    for (const reason of ["block", "users", "spam"] as const)
      expect(refusalOf(name, attempts[reason])?.reply.code, reason).toBeGreaterThanOrEqual(500);
  });
});

test("a receiver says what it holds against an address where the real one does", () => {
  const stageOf = (name: ReceiverName) => refusalOf(name, attempts.block)?.stage;
  expect(Object.fromEntries(receiverProfiles.map(({ name }) => [name, stageOf(name)]))).toEqual({
    gmail: "message",
    outlook: "sender",
    yahoo: "connect",
    receiver: "connect",
    "t-online": "connect",
    gmx: "connect",
  });
});

test("a policy that nobody can mean is refused with the part that is wrong", () => {
  expect(readPolicy({ block: [client], rateLimit: 1 })).toEqual({ block: [client], rateLimit: 1 });
  expect(() => readPolicy({ blocks: [client] })).toThrow(/no "blocks", but block, knows/);
  expect(() => readPolicy({ block: client })).toThrow(/"block" takes a list of addresses/);
  expect(() => readPolicy({ block: ["198.51.100.0/33"] })).toThrow(/"block" takes a list of addresses/);
  expect(() => readPolicy([client])).toThrow(/is an object/);
});
