import type { ReceiverName } from "./profiles.ts";

/** What a test may set, per receiver, while the lab runs. What is left out is as at the start: everything is taken. */
export interface ReceiverPolicy {
  /** Client addresses that are on the receiver's block list. */
  readonly block?: readonly string[];
  /** Local parts that exist. Everyone exists when it is left out. */
  readonly users?: readonly string[];
  /** Local parts whose mailbox is full. */
  readonly full?: readonly string[];
  /** Messages taken per minute from one client address; further ones are put off. */
  readonly rateLimit?: number;
  /** Refuse mail that neither SPF nor DKIM authenticates, or that DMARC rejects. True when it is left out. */
  readonly requiresAuthentication?: boolean;
  /** Refuse clients without forward-confirmed reverse DNS. True when it is left out. */
  readonly requiresReverseName?: boolean;
  /** Answer every mail with this, whatever it is. */
  readonly reply?: SmtpReply & { readonly at: Stage };
}

export type Stage = "connect" | "sender" | "recipient" | "message";

export interface SmtpReply {
  readonly code: number;
  /** Lines after the code, with their enhanced status code. */
  readonly text: readonly string[];
}

export interface AuthenticationFacts {
  readonly spf: string;
  readonly spfDomain: string;
  readonly dkim: readonly DkimFact[];
  readonly dmarc: string;
  readonly dmarcPolicy: string;
  readonly headerFrom: string;
}

export interface DkimFact {
  readonly result: string;
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: string;
  readonly comment: string;
}

/** Answers a new connection; undefined lets it in. */
export function judgeConnection(
  name: ReceiverName,
  policy: ReceiverPolicy,
  client: string,
): SmtpReply | undefined {
  if (policy.reply?.at === "connect") return policy.reply;
  return policy.block?.includes(client) ? texts[name].blocked(client) : undefined;
}

/** Answers MAIL FROM. `takenLastMinute` counts the messages already taken from this client. */
export function judgeSender(
  name: ReceiverName,
  policy: ReceiverPolicy,
  client: { readonly address: string; readonly takenLastMinute: number },
): SmtpReply | undefined {
  if (policy.reply?.at === "sender") return policy.reply;
  const isOver = policy.rateLimit !== undefined && client.takenLastMinute >= policy.rateLimit;
  return isOver ? texts[name].tooMany(client.address) : undefined;
}

/** Answers RCPT TO. */
export function judgeRecipient(
  name: ReceiverName,
  policy: ReceiverPolicy,
  address: string,
): SmtpReply | undefined {
  if (policy.reply?.at === "recipient") return policy.reply;
  const local = address.slice(0, address.lastIndexOf("@")).toLowerCase();
  if (policy.users && !policy.users.includes(local)) return texts[name].unknownUser(address);
  return policy.full?.includes(local) ? texts[name].full(address) : undefined;
}

/** Answers the message once SPF, DKIM and DMARC have been looked at; undefined takes it. */
export function judgeMessage(
  name: ReceiverName,
  policy: ReceiverPolicy,
  message: { readonly client: string; readonly hasReverseName: boolean; readonly facts: AuthenticationFacts },
): SmtpReply | undefined {
  if (policy.reply?.at === "message") return policy.reply;
  const { client, facts } = message;
  if (policy.requiresReverseName !== false && !message.hasReverseName)
    return texts[name].noReverseName(client);
  if (policy.requiresAuthentication === false) return undefined;
  if (facts.dmarc === "fail" && facts.dmarcPolicy === "reject") return texts[name].dmarc(facts);
  const hasDkim = facts.dkim.some((signature) => signature.result === "pass");
  return facts.spf !== "pass" && !hasDkim ? texts[name].unauthenticated(facts, client) : undefined;
}

interface ProviderTexts {
  blocked(client: string): SmtpReply;
  tooMany(client: string): SmtpReply;
  unknownUser(address: string): SmtpReply;
  full(address: string): SmtpReply;
  noReverseName(client: string): SmtpReply;
  dmarc(facts: AuthenticationFacts): SmtpReply;
  unauthenticated(facts: AuthenticationFacts, client: string): SmtpReply;
}

const reply = (code: number, ...text: string[]): SmtpReply => ({ code, text });
const dkimWord = (facts: AuthenticationFacts): string =>
  facts.dkim.some((signature) => signature.result === "pass") ? "Pass" : "Fail";
const passWord = (result: string): string => (result === "pass" ? "Pass" : "Fail");

/**
 * The providers' replies, close to their published words: codes, enhanced codes and the marks that a
 * classifier looks for are theirs, links and session ids are left out.
 */
const texts: Record<ReceiverName, ProviderTexts> = {
  gmail: {
    blocked: (client) =>
      reply(
        550,
        `5.7.1 [${client}] Our system has detected that this message is`,
        "5.7.1 likely suspicious due to the very low reputation of the sending IP",
        "5.7.1 address. To best protect our users from spam, the message has been",
        "5.7.1 blocked. - gsmtp",
      ),
    tooMany: (client) =>
      reply(
        421,
        `4.7.28 [${client}] Gmail has detected an unusual rate of unsolicited mail`,
        "4.7.28 originating from your IP address. To protect our users from spam, mail",
        "4.7.28 sent from your IP address has been temporarily rate limited. - gsmtp",
      ),
    unknownUser: () =>
      reply(
        550,
        "5.1.1 The email account that you tried to reach does not exist. Please try",
        "5.1.1 double-checking the recipient's email address for typos or",
        "5.1.1 unnecessary spaces. NoSuchUser - gsmtp",
      ),
    full: () => reply(452, "4.2.2 The recipient's inbox is out of storage space. OverQuotaTemp - gsmtp"),
    noReverseName: (client) =>
      reply(
        550,
        `5.7.25 [${client}] The IP address sending this message does not have a`,
        "5.7.25 PTR record setup, or the corresponding forward DNS entry does not",
        "5.7.25 match the sending IP. As a policy, Gmail does not accept messages",
        "5.7.25 from IPs with missing PTR records. - gsmtp",
      ),
    dmarc: (facts) =>
      reply(
        550,
        `5.7.26 Unauthenticated email from ${facts.headerFrom} is not accepted due to domain's`,
        `5.7.26 DMARC policy. Please contact the administrator of ${facts.headerFrom} domain if`,
        "5.7.26 this was a legitimate mail. - gsmtp",
      ),
    unauthenticated: (facts, client) =>
      reply(
        550,
        "5.7.26 Your email has been blocked because the sender is unauthenticated.",
        "5.7.26 Gmail requires all senders to authenticate with either SPF or DKIM.",
        "5.7.26 Authentication results:",
        `5.7.26 DKIM = ${facts.dkim.length === 0 ? "did not pass" : "failed"}`,
        `5.7.26 SPF [${facts.spfDomain}] with ip: [${client}] = did not pass - gsmtp`,
      ),
  },
  outlook: {
    blocked: (client) =>
      reply(
        550,
        `5.7.1 Unfortunately, messages from [${client}] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150).`,
      ),
    tooMany: (client) =>
      reply(
        451,
        `4.7.650 The mail server [${client}] has been temporarily rate limited due to IP reputation. (S775)`,
      ),
    unknownUser: (address) =>
      reply(550, `5.5.0 Requested action not taken: mailbox unavailable (${address}).`),
    full: () => reply(552, "5.2.2 Requested mail action aborted: exceeded storage allocation."),
    noReverseName: (client) =>
      reply(
        550,
        `5.7.25 Service unavailable, sending IPv4 or IPv6 address [${client}] must have reverse DNS record.`,
      ),
    dmarc: (facts) =>
      reply(
        550,
        `5.7.509 Access denied, sending domain ${facts.headerFrom} does not pass DMARC verification and has a DMARC policy of reject.`,
      ),
    unauthenticated: (facts) =>
      reply(
        550,
        `5.7.515 Access denied, sending domain ${facts.headerFrom} doesn't meet the required authentication level.`,
        `5.7.515 Spf= ${passWord(facts.spf)} , Dkim= ${dkimWord(facts)} , DMARC= ${passWord(facts.dmarc)}`,
      ),
  },
  yahoo: {
    blocked: (client) =>
      reply(
        553,
        `5.7.1 [BL21] Connections will not be accepted from ${client}, because the ip is in a block list.`,
      ),
    tooMany: (client) =>
      reply(
        421,
        `4.7.0 [TSS04] Messages from ${client} temporarily deferred due to unexpected volume or user complaints.`,
      ),
    unknownUser: (address) =>
      reply(
        552,
        `1 Requested mail action aborted, mailbox not found: ${address} doesn't have a yahoo.com account.`,
      ),
    full: () => reply(552, "5.2.2 The email account that you tried to reach is over quota."),
    noReverseName: (client) =>
      reply(421, `4.7.0 [TSS09] Messages from ${client} temporarily deferred: no valid reverse DNS.`),
    dmarc: (facts) =>
      reply(
        554,
        `5.7.9 Message not accepted for policy reasons: ${facts.headerFrom} publishes a DMARC policy of reject.`,
      ),
    unauthenticated: () =>
      reply(550, "5.7.9 This mail has been blocked because the sender is unauthenticated."),
  },
  receiver: {
    blocked: (client) => reply(554, `5.7.1 Service unavailable; client [${client}] is blocked.`),
    tooMany: () => reply(450, "4.7.1 Too many messages; try again later."),
    unknownUser: (address) => reply(550, `5.1.1 <${address}>: Recipient address rejected: User unknown`),
    full: (address) => reply(452, `4.2.2 <${address}>: Mailbox is full`),
    noReverseName: (client) =>
      reply(550, `5.7.25 Client host rejected: cannot find your hostname, [${client}]`),
    dmarc: (facts) => reply(550, `5.7.1 Rejected by the DMARC policy of ${facts.headerFrom}`),
    unauthenticated: () => reply(550, "5.7.26 Neither SPF nor DKIM authenticates this message"),
  },
};
