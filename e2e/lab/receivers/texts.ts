import type { ReceiverName } from "./profiles.ts";
import type { AuthenticationFacts, SmtpReply, Stage } from "./reply.ts";

/** What one receiver says, by the reason for which it refuses or puts off. */
export interface ProviderTexts {
  /** Where in a session it says what it holds against the client's address. */
  readonly addressStage: Stage;
  blocked(client: string): SmtpReply;
  blockedNetwork(client: string): SmtpReply;
  notKnown(client: string): SmtpReply;
  overIpv6(client: string): SmtpReply;
  tooMany(client: string): SmtpReply;
  later(client: string, recipient: string): SmtpReply;
  noTls(): SmtpReply;
  unknownUser(address: string): SmtpReply;
  full(address: string): SmtpReply;
  noReverseName(client: string): SmtpReply;
  dmarc(facts: AuthenticationFacts): SmtpReply;
  unauthenticated(facts: AuthenticationFacts, client: string): SmtpReply;
  distrusted(client: string): SmtpReply;
  spam(client: string): SmtpReply;
}

const reply = (code: number, ...text: string[]): SmtpReply => ({ code, text });
/** Each line of a reply repeats its enhanced status code. */
const lines = (code: number, enhanced: string, ...text: string[]): SmtpReply =>
  reply(code, ...text.map((line) => `${enhanced} ${line}`));
const dkimWord = (facts: AuthenticationFacts): string =>
  facts.dkim.some((signature) => signature.result === "pass") ? "Pass" : "Fail";
const passWord = (result: string): string => (result === "pass" ? "Pass" : "Fail");
/** RFC 3207 §4, for receivers that publish no words of their own. */
const mustStartTls = (): SmtpReply => reply(530, "5.7.0 Must issue a STARTTLS command first");

const gmail: ProviderTexts = {
  addressStage: "message",
  blocked: (client) =>
    lines(
      550,
      "5.7.1",
      `[${client}] Gmail has detected that this message is`,
      "likely suspicious due to the very low reputation of the sending IP",
      "address. To best protect our users from spam, the message has been",
      "blocked. For more information, go to",
      "https://support.google.com/mail/answer/188131 - gsmtp",
    ),
  blockedNetwork: (client) =>
    lines(
      550,
      "5.7.28",
      `[${client}] Gmail has detected an unusual rate of unsolicited mail`,
      "originating from your IP Netblock. To protect our users from spam,",
      "mail sent from your IP Netblock has been blocked. For more information, go to",
      "https://support.google.com/mail/?p=UnsolicitedIPError - gsmtp",
    ),
  notKnown: (client) =>
    lines(
      550,
      "5.7.1",
      `[${client}] The IP you're using to send mail is not authorized to`,
      "send email directly to our servers. Please use the SMTP relay at your",
      "service provider instead. For more information, go to",
      "https://support.google.com/mail/?p=NotAuthorizedError - gsmtp",
    ),
  overIpv6: (client) =>
    lines(
      550,
      "5.7.1",
      `[${client}] Gmail has detected that this message does not meet`,
      "IPv6 sending guidelines regarding PTR records and authentication.",
      "For more information, go to",
      "https://support.google.com/mail/?p=IPv6AuthError - gsmtp",
    ),
  tooMany: (client) =>
    lines(
      421,
      "4.7.28",
      `[${client}] Gmail has detected an unusual rate of unsolicited mail`,
      "originating from your IP address. To protect our users from spam, mail",
      "sent from your IP address has been temporarily rate limited. For more",
      "information, go to https://support.google.com/mail/?p=UnsolicitedRateLimitError - gsmtp",
    ),
  later: () => reply(421, "4.7.0 Try again later, closing connection. (RCPT TO) - gsmtp"),
  noTls: () =>
    lines(
      550,
      "5.7.29",
      "This message was blocked because it wasn't sent over a TLS connection.",
      "Gmail requires all bulk email senders to use TLS/SSL for SMTP connections. - gsmtp",
    ),
  unknownUser: () =>
    lines(
      550,
      "5.1.1",
      "The email account that you tried to reach does not exist. Please try",
      "double-checking the recipient's email address for typos or",
      "unnecessary spaces. For more information, go to",
      "https://support.google.com/mail/?p=NoSuchUser - gsmtp",
    ),
  full: () =>
    lines(
      452,
      "4.2.2",
      "The recipient's inbox is out of storage space. Please direct the",
      "recipient to https://support.google.com/mail/?p=OverQuotaTemp - gsmtp",
    ),
  noReverseName: (client) =>
    lines(
      550,
      "5.7.25",
      `[${client}] The IP address sending this message does not have a`,
      "PTR record setup, or the corresponding forward DNS entry does not",
      "match the sending IP. As a policy, Gmail does not accept messages",
      "from IPs with missing PTR records. - gsmtp",
    ),
  dmarc: (facts) =>
    lines(
      550,
      "5.7.26",
      `Unauthenticated email from ${facts.headerFrom} is not accepted due to domain's`,
      `DMARC policy. Please contact the administrator of ${facts.headerFrom} domain if`,
      "this was a legitimate mail. To learn about the DMARC initiative, go to",
      "https://support.google.com/mail/?p=DmarcRejection - gsmtp",
    ),
  unauthenticated: (facts, client) =>
    lines(
      550,
      "5.7.26",
      "Your email has been blocked because the sender is unauthenticated.",
      "Gmail requires all senders to authenticate with either SPF or DKIM.",
      "Authentication results:",
      `DKIM = ${facts.dkim.length === 0 ? "did not pass" : "failed"}`,
      `SPF [${facts.spfDomain}] with ip: [${client}] = did not pass - gsmtp`,
    ),
  distrusted: (client) =>
    lines(
      550,
      "5.7.1",
      `[${client}] Gmail has detected that this message is likely`,
      "suspicious due to the very low reputation of the sending domain. To best",
      "protect our users from spam, the message has been blocked. - gsmtp",
    ),
  spam: (client) =>
    lines(
      550,
      "5.7.1",
      `[${client}] Gmail has detected that this message is likely`,
      "suspicious due to the nature of the content or the links within. To best",
      "protect our users from spam, the message has been blocked. For more",
      "information, go to https://support.google.com/mail/?p=UnsolicitedMessageError - gsmtp",
    ),
};

const outlookBlock = (client: string, mark: string): SmtpReply =>
  reply(
    550,
    `5.7.1 Unfortunately, messages from [${client}] weren't sent. Please contact your Internet service provider since part of their network is on our block list (${mark}). You can also refer your provider to http://mail.live.com/mail/troubleshooting.aspx#errors.`,
  );

const outlook: ProviderTexts = {
  addressStage: "sender",
  blocked: (client) => outlookBlock(client, "S3140"),
  blockedNetwork: (client) => outlookBlock(client, "S3150"),
  notKnown: (client) =>
    reply(
      550,
      `DY-001 (OUT-001) Unfortunately, messages from ${client} weren't sent: Mail rejected by Outlook.com for policy reasons. We generally do not accept email from dynamic IPs.`,
    ),
  overIpv6: (client) =>
    reply(
      450,
      `4.7.26 Service does not accept messages sent over IPv6 [${client}] unless they pass either SPF or DKIM validation (message not signed).`,
    ),
  tooMany: (client) =>
    reply(
      451,
      `4.7.650 The mail server [${client}] has been temporarily rate limited due to IP reputation. For e-mail delivery information, see https://postmaster.live.com (S775)`,
    ),
  later: (client) => reply(451, `4.7.500 Server busy. Please try again later from [${client}]. (AS77712)`),
  noTls: () => reply(550, "5.4.317 STARTTLS is required to send mail."),
  unknownUser: (address) => reply(550, `5.5.0 Requested action not taken: mailbox unavailable (${address}).`),
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
    lines(
      550,
      "5.7.515",
      `Access denied, sending domain ${facts.headerFrom} doesn't meet the required authentication level.`,
      `Spf= ${passWord(facts.spf)} , Dkim= ${dkimWord(facts)} , DMARC= ${passWord(facts.dmarc)}`,
    ),
  distrusted: () => reply(550, "5.7.501 Service unavailable. Access denied, spam abuse detected."),
  spam: () => reply(550, "5.7.1 Message rejected as spam by Content Filtering."),
};

const yahoo: ProviderTexts = {
  addressStage: "connect",
  blocked: (client) =>
    reply(
      553,
      `5.7.1 [BL21] Connections will not be accepted from ${client}, because the ip is in Spamhaus's list; see https://postmaster.yahooinc.com/error-codes`,
    ),
  blockedNetwork: (client) =>
    reply(
      553,
      `5.7.1 [TSS09] All messages from ${client} will be permanently deferred; Retrying will NOT succeed. See https://postmaster.yahooinc.com/error-codes`,
    ),
  notKnown: (client) =>
    reply(
      421,
      `4.7.1 [TS03] All messages from ${client} will be permanently deferred; Retrying will NOT succeed. See https://postmaster.yahooinc.com/error-codes`,
    ),
  overIpv6: (client) =>
    reply(
      421,
      `4.7.0 [TSS05] Messages from ${client} temporarily deferred due to user complaints; see https://postmaster.yahooinc.com/error-codes`,
    ),
  tooMany: (client) =>
    reply(
      421,
      `4.7.0 [TSS04] Messages from ${client} temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes`,
    ),
  later: (client) =>
    reply(
      421,
      `4.7.0 [TSS01] Messages from ${client} temporarily deferred; see https://postmaster.yahooinc.com/error-codes`,
    ),
  noTls: mustStartTls,
  unknownUser: (address) =>
    reply(554, `delivery error: dd This user doesn't have a yahoo.com account (${address}) [0]`),
  full: () => reply(552, "5.2.2 The email account that you tried to reach is over quota."),
  // Yahoo asks for it and publishes no words for it; the code is that of RFC 7372.
  noReverseName: (client) =>
    reply(550, `5.7.25 Messages from ${client} are not accepted: reverse DNS is missing or does not match.`),
  dmarc: (facts) =>
    reply(
      554,
      `5.7.9 Message not accepted for policy reasons: ${facts.headerFrom} publishes a DMARC policy of reject.`,
    ),
  unauthenticated: () =>
    reply(
      550,
      "5.7.9 This mail has been blocked because the sender is unauthenticated. Yahoo requires all senders to authenticate with either SPF or DKIM.",
    ),
  distrusted: () =>
    reply(
      554,
      "5.7.9 Message not accepted for policy reasons. [PH02] See https://postmaster.yahooinc.com/error-codes",
    ),
  spam: () =>
    reply(
      554,
      "5.7.9 Message not accepted for policy reasons. [PH01] See https://postmaster.yahooinc.com/error-codes",
    ),
};

const tOnline: ProviderTexts = {
  // Before any command, so that Postfix says that the host refused to talk to it.
  addressStage: "connect",
  blocked: (client) =>
    reply(
      554,
      `IP=${client} - A problem occurred. (Ask your postmaster for help or to contact tosa@rx.t-online.de to clarify.) (BL)`,
    ),
  blockedNetwork: (client) => tOnline.blocked(client),
  notKnown: (client) =>
    reply(
      554,
      `IP=${client} - None/bad reputation. Ask your postmaster for help or to contact tobr@rx.t-online.de for reset. (NOWL)`,
    ),
  overIpv6: (client) => tOnline.notKnown(client),
  tooMany: (client) => reply(421, `4.7.0 Too many connections from ${client}, try again later.`),
  later: (client) =>
    lines(450, "4.7.0", "(grey defer)", `Your IP: ${client}`, "Mailhost: mailin28.t-online.de"),
  noTls: mustStartTls,
  unknownUser: () => reply(550, "5.1.1 user unknown"),
  full: () => reply(552, "5.2.2 Over STORAGE quota"),
  noReverseName: (client) =>
    reply(
      554,
      `IP=${client} - Dialup/transient IP not allowed. Use a mailgateway or contact toda@rx.t-online.de if obsolete. (DIAL)`,
    ),
  dmarc: (facts) => reply(550, `5.7.1 Message refused by the DMARC policy of ${facts.headerFrom}`),
  unauthenticated: () => reply(550, "5.7.26 Neither SPF nor DKIM authenticates this message"),
  distrusted: (client) => tOnline.spam(client),
  spam: (client) =>
    lines(
      550,
      "5.7.0",
      "Message considered as spam or virus, rejected",
      `Your IP: ${client}`,
      "Mailhost: mailin28.t-online.de",
    ),
};

/** GMX and WEB.DE know no enhanced codes. The last line leads to a page whose `c=` says which rule it was. */
const gmxPage = (rule: string, client: string): string =>
  `For explanation visit https://postmaster.gmx.net/en/case?c=${rule}&i=ip&v=${client}&r=1MNcgj-1ue23t3pyV-00S2YR`;
const gmxClosed = (client: string, rule: string, why: string): SmtpReply =>
  reply(
    554,
    "gmx.net (mxgmx104) Nemesis ESMTP Service not available",
    "No SMTP service",
    why,
    gmxPage(rule, client),
  );

const gmx: ProviderTexts = {
  addressStage: "connect",
  blocked: (client) => gmxClosed(client, "r0201", "IP address is block listed."),
  blockedNetwork: (client) => gmxClosed(client, "r0303", "IP address is block listed."),
  notKnown: (client) =>
    reply(
      421,
      "gmx.net (mxgmx104) Nemesis ESMTP Service not available",
      "Reject due to policy violations",
      gmxPage("r0303", client),
    ),
  overIpv6: (client) => gmx.notKnown(client),
  tooMany: () =>
    reply(
      421,
      "gmx.net (mxgmx104) Nemesis ESMTP Service not available",
      "Rate limit reached. Please try again later.",
    ),
  later: (client) =>
    reply(450, "Requested mail action not taken: mailbox unavailable", gmxPage("r1602", client)),
  noTls: mustStartTls,
  unknownUser: () => reply(550, "Requested action not taken: mailbox unavailable"),
  full: () => reply(552, "Requested mail action aborted: exceeded storage allocation", "Quota exceeded."),
  noReverseName: (client) => gmxClosed(client, "r0601", "Bad DNS PTR resource record."),
  dmarc: () => reply(550, "Requested action not taken: mailbox unavailable", "Reject due to DMARC policy."),
  unauthenticated: () =>
    reply(550, "Requested action not taken: mailbox unavailable", "Reject due to SPF policy."),
  distrusted: (client) => gmx.spam(client),
  spam: (client) =>
    reply(554, "Transaction failed", "Reject due to policy restrictions.", gmxPage("hi", client)),
};

const receiver: ProviderTexts = {
  addressStage: "connect",
  blocked: (client) => reply(554, `5.7.1 Service unavailable; client [${client}] is blocked.`),
  blockedNetwork: (client) =>
    reply(554, `5.7.1 Service unavailable; Client host [${client}] blocked using zen.spamhaus.org`),
  notKnown: (client) => reply(554, `5.7.1 Client [${client}] refused: poor reputation`),
  overIpv6: (client) => reply(554, `5.7.1 Client [${client}] refused: poor reputation`),
  tooMany: () => reply(450, "4.7.1 Too many messages; try again later."),
  later: (_client, recipient) =>
    reply(450, `4.2.0 <${recipient}>: Recipient address rejected: Greylisted for 5 minutes`),
  noTls: mustStartTls,
  unknownUser: (address) => reply(550, `5.1.1 <${address}>: Recipient address rejected: User unknown`),
  full: (address) => reply(452, `4.2.2 <${address}>: Mailbox is full`),
  noReverseName: (client) =>
    reply(550, `5.7.25 Client host rejected: cannot find your hostname, [${client}]`),
  dmarc: (facts) => reply(550, `5.7.1 Rejected by the DMARC policy of ${facts.headerFrom}`),
  unauthenticated: () => reply(550, "5.7.26 Neither SPF nor DKIM authenticates this message"),
  distrusted: () => reply(554, "5.7.1 Sender address blocked using dbl.spamhaus.org"),
  spam: () => reply(550, "5.7.1 Message rejected as spam"),
};

/**
 * The receivers' replies, near to their published words: codes, enhanced codes, marks, help addresses and what else a
 * classifier looks for are theirs; session ids are made up.
 */
export const texts: Record<ReceiverName, ProviderTexts> = {
  gmail,
  outlook,
  yahoo,
  receiver,
  "t-online": tOnline,
  gmx,
};
