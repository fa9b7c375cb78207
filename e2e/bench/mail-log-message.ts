/** A line without its time stamp, when it comes, and what a reader must make of it. */
export interface ToldLine {
  readonly afterS: number;
  /** `program[pid]: message`. */
  readonly line: string;
  readonly attempt?: {
    readonly direction: "inbound" | "outbound" | "internal";
    readonly domain: string;
    readonly provider: string | null;
    readonly status: "sent" | "deferred" | "bounced";
    readonly category: string | null;
  };
  readonly isRefusal?: boolean;
}

/** Gives numbers from 0 up to 1, the same ones for the same seed. */
export type Chance = () => number;

export function chance(seed: number): Chance {
  let state = seed;
  return () => {
    // Mulberry32: small, and even enough to choose among kinds of mail.
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Receiver {
  readonly provider: string | null;
  readonly domain: string;
  readonly host: string;
  readonly taken: string;
  /** How it puts mail off and turns it away, and what that means. */
  readonly defers: readonly [dsn: string, reply: string, category: string];
  readonly bounces: readonly [dsn: string, reply: string, category: string];
}

const receivers: readonly Receiver[] = [
  {
    provider: "gmail",
    domain: "gmail.com",
    host: "gmail-smtp-in.l.google.com[192.0.2.26]:25",
    taken: "250 2.0.0 OK  1795171268 d3-20020a17090aabc300b0si1.20 - gsmtp",
    defers: [
      "4.7.28",
      "421-4.7.28 Gmail has detected an unusual rate of unsolicited mail. To protect 421-4.7.28 our users from spam, mail has been temporarily rate limited. 421 4.7.28 https://support.google.com/mail/?p=UnsolicitedRateLimitError a1 - gsmtp",
      "rate-limit",
    ],
    bounces: [
      "5.1.1",
      "550-5.1.1 The email account that you tried to reach does not exist. Please try 550 5.1.1 https://support.google.com/mail/?p=NoSuchUser a1 - gsmtp",
      "unknown-user",
    ],
  },
  {
    provider: "outlook",
    domain: "hotmail.com",
    host: "hotmail-com.olc.protection.outlook.com[192.0.2.27]:25",
    taken:
      "250 2.6.0 <x@y> [InternalId=1, Hostname=A.namprd01.prod.outlook.com] Queued mail for delivery -> 250 2.1.5",
    defers: [
      "4.7.650",
      "451 4.7.650 The mail server [198.51.100.11] has been temporarily rate limited due to IP reputation. (S775)",
      "ip-reputation",
    ],
    bounces: [
      "5.5.0",
      "550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302).",
      "unknown-user",
    ],
  },
  {
    provider: null,
    domain: "b.example",
    host: "mx.b.example[192.0.2.9]:25",
    taken: "250 2.0.0 Ok: queued as 9F2C81A0B3",
    defers: ["4.7.1", "450 4.7.1 <bob@b.example>: Recipient address rejected: Greylisted", "greylisting"],
    bounces: ["5.1.1", "550 5.1.1 <bob@b.example>: Recipient address rejected: User unknown", "unknown-user"],
  },
];

// Enough for every message that is under way at once, so that ids come again as they do on a host.
const queueIds = 40_000;
const retryAfterS = 300;
const tls = "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)";
const keyExchange = "key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256";

/** What is logged of one message or one stranger at the door. */
export function linesOfMessage(number: number, random: Chance): readonly ToldLine[] {
  const kind = random();
  if (kind < 0.12) return stranger(number, random);
  if (kind < 0.5) return incoming(number, random);
  return outgoing(number, random);
}

interface Subject {
  readonly queueId: string;
  readonly pid: number;
  readonly person: number;
  readonly own: string;
}

function subject(number: number): Subject {
  const queueId = (0x4000000000 + ((number % queueIds) + 1) * 1_299_709).toString(16).toUpperCase();
  return { queueId, pid: 1000 + (number % 90), person: number % 997, own: `a${number % 20}.example` };
}

/** Somebody who tries a door: refused by its address or its recipient, or gone without a word. */
function stranger(number: number, random: Chance): ToldLine[] {
  const { pid, own } = subject(number);
  const host = `unknown[203.0.113.${number % 250}]`;
  const lines: ToldLine[] = [{ afterS: 0, line: `postfix/smtpd[${pid}]: connect from ${host}` }];
  if (random() < 0.6)
    lines.push({
      afterS: 0,
      isRefusal: true,
      line:
        random() < 0.5
          ? `postfix/smtpd[${pid}]: NOQUEUE: reject: RCPT from ${host}: 550 5.1.1 <nobody${number % 300}@${own}>: Recipient address rejected: User unknown in virtual mailbox table; from=<x@spam.example> to=<nobody${number % 300}@${own}> proto=ESMTP helo=<spam.example>`
          : `postfix/smtpd[${pid}]: NOQUEUE: reject: RCPT from ${host}: 454 4.7.1 <y@elsewhere.example>: Relay access denied; from=<x@spam.example> to=<y@elsewhere.example> proto=ESMTP helo=<spam.example>`,
    });
  else lines.push({ afterS: 1, line: `postfix/smtpd[${pid}]: lost connection after AUTH from ${host}` });
  lines.push(
    { afterS: 1, line: `postfix/smtpd[${pid}]: disconnect from ${host} ehlo=1 mail=1 rcpt=0/1 commands=2/3` },
    {
      afterS: 3,
      line: `postfix/anvil[77]: statistics: max connection rate 1/60s for (smtp:203.0.113.${number % 250}) at Nov 20 10:00:00`,
    },
  );
  return lines;
}

function incoming(number: number, random: Chance): ToldLine[] {
  const { queueId, pid, person, own } = subject(number);
  const host = `mx${number % 40}.c.example[203.0.113.${number % 250}]`;
  const from = `sender${person}@c${number % 400}.example`;
  const to = `person${person}@${own}`;
  const messageId = `<${number}.${number * 7919}@mx.c.example>`;
  const isSpam = random() < 0.1;
  const lines: ToldLine[] = [
    { afterS: 0, line: `postfix/smtpd[${pid}]: connect from ${host}` },
    {
      afterS: 0,
      line: `postfix/smtpd[${pid}]: Anonymous TLS connection established from ${host}: ${tls} ${keyExchange}`,
    },
    { afterS: 0, line: `postfix/smtpd[${pid}]: ${queueId}: client=${host}` },
    { afterS: 0, line: `postfix/cleanup[${pid + 100}]: ${queueId}: message-id=${messageId}` },
    {
      afterS: 1,
      line: `rspamd[88]: <${queueId.slice(-6)}>; task; rspamd_task_write_log: id: ${messageId.slice(1, -1)}, qid: <${queueId}>, ip: 203.0.113.${number % 250}, from: <${from}>, (default: ${isSpam ? "T (reject): [22.10" : "F (no action): [-0.10"}/15.00] [DMARC_POLICY_ALLOW(-0.50){c.example;none;},R_DKIM_ALLOW(-0.20){c.example:s=s1;},R_SPF_ALLOW(-0.20){+ip4:203.0.113.0/24:c;},MIME_GOOD(-0.10){text/plain;},RCPT_COUNT_ONE(0.00){1;},TO_DN_NONE(0.00){}]), len: 5120, time: 61.204ms, dns req: 12, digest: <4f1d>, rcpts: <${to}>, mime_rcpts: <${to}>`,
    },
  ];
  if (isSpam) {
    lines.push(
      {
        afterS: 1,
        isRefusal: true,
        line: `postfix/cleanup[${pid + 100}]: ${queueId}: milter-reject: END-OF-MESSAGE from ${host}: 5.7.1 Spam message rejected; from=<${from}> to=<${to}> proto=ESMTP helo=<mx.c.example>`,
      },
      {
        afterS: 1,
        line: `postfix/smtpd[${pid}]: disconnect from ${host} ehlo=2 starttls=1 mail=1 rcpt=1 data=0/1 commands=5/6`,
      },
    );
    return lines;
  }
  lines.push(
    { afterS: 1, line: `postfix/qmgr[99]: ${queueId}: from=<${from}>, size=5312, nrcpt=1 (queue active)` },
    {
      afterS: 1,
      line: `postfix/smtpd[${pid}]: disconnect from ${host} ehlo=2 starttls=1 mail=1 rcpt=1 data=1 quit=1 commands=7`,
    },
    {
      afterS: 1,
      line: `dovecot: lmtp(${to})<${pid}><aZ0${person}>: msgid=${messageId}: saved mail to INBOX`,
    },
    {
      afterS: 2,
      line: `postfix/lmtp[${pid + 200}]: ${queueId}: to=<${to}>, relay=mail.a.example[private/dovecot-lmtp], delay=1.1, delays=0.9/0/0.01/0.19, dsn=2.0.0, status=sent (250 2.0.0 <${to}> aZ0${person} Saved)`,
      attempt: { direction: "inbound", domain: own, provider: null, status: "sent", category: null },
    },
    { afterS: 2, line: `postfix/qmgr[99]: ${queueId}: removed` },
  );
  return lines;
}

function outgoing(number: number, random: Chance): ToldLine[] {
  const told = subject(number);
  const { queueId, pid, person, own } = told;
  const desk = `desk${person}.a.example[198.51.100.${number % 250}]`;
  const from = `person${person}@${own}`;
  const receiver = receivers[Math.floor(random() * receivers.length)] ?? receivers[0];
  if (receiver === undefined) throw new Error("There is nobody to send to.");
  const lines: ToldLine[] = [
    { afterS: 0, line: `postfix/submission/smtpd[${pid}]: connect from ${desk}` },
    {
      afterS: 0,
      line: `postfix/submission/smtpd[${pid}]: Anonymous TLS connection established from ${desk}: ${tls} ${keyExchange}`,
    },
    {
      afterS: 0,
      line: `postfix/submission/smtpd[${pid}]: ${queueId}: client=${desk}, sasl_method=PLAIN, sasl_username=${from}`,
    },
    {
      afterS: 0,
      line: `postfix/cleanup[${pid + 100}]: ${queueId}: message-id=<${number}.${number * 31}@desk.a.example>`,
    },
    { afterS: 1, line: `postfix/qmgr[99]: ${queueId}: from=<${from}>, size=7312, nrcpt=1 (queue active)` },
    {
      afterS: 1,
      line: `postfix/submission/smtpd[${pid}]: disconnect from ${desk} ehlo=2 starttls=1 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=8`,
    },
  ];
  let afterS = 2;
  for (let retry = 0; retry < 3 && random() < 0.15; retry += 1) {
    lines.push(...attempt(told, { receiver, afterS, status: "deferred" }));
    afterS += retryAfterS;
    lines.push({
      afterS: afterS - 1,
      line: `postfix/qmgr[99]: ${queueId}: from=<${from}>, size=7312, nrcpt=1 (queue active)`,
    });
  }
  const isBounced = random() < 0.05;
  lines.push(...attempt(told, { receiver, afterS, status: isBounced ? "bounced" : "sent" }));
  if (isBounced) lines.push(...notification(told, afterS));
  lines.push({ afterS, line: `postfix/qmgr[99]: ${queueId}: removed` });
  return lines;
}

function attempt(
  { queueId, person, pid, own }: Subject,
  {
    receiver,
    afterS,
    status,
  }: { receiver: Receiver; afterS: number; status: "sent" | "deferred" | "bounced" },
): ToldLine[] {
  const { provider, domain, host, taken, defers, bounces } = receiver;
  const smtp = `postfix/smtp[${pid + 300}]`;
  const [dsn, reply, category] =
    status === "sent" ? ["2.0.0", taken, null] : status === "deferred" ? defers : bounces;
  const said =
    status === "sent"
      ? reply
      : `host ${host.replace(/:25$/, "")} said: ${reply} (in reply to RCPT TO command)`;
  return [
    { afterS, line: `${smtp}: Trusted TLS connection established to ${host}: ${tls} ${keyExchange}` },
    {
      afterS,
      line: `${smtp}: ${queueId}: to=<user${person}@${domain}>, relay=${host}, delay=${afterS}.2, delays=${afterS - 1}/0.01/0.5/0.69, dsn=${dsn}, status=${status} (${said})`,
      attempt: { direction: "outbound", domain: own, provider, status, category },
    },
  ];
}

/** The bounce mail to whoever sent what was turned away. */
function notification({ queueId, pid, person, own }: Subject, afterS: number): ToldLine[] {
  const bounceId = `5${queueId.slice(1)}`;
  const to = `person${person}@${own}`;
  return [
    {
      afterS,
      line: `postfix/cleanup[${pid + 100}]: ${bounceId}: message-id=<20261120.${bounceId}@mail.a.example>`,
    },
    { afterS, line: `postfix/bounce[66]: ${queueId}: sender non-delivery notification: ${bounceId}` },
    { afterS, line: `postfix/qmgr[99]: ${bounceId}: from=<>, size=9480, nrcpt=1 (queue active)` },
    {
      afterS: afterS + 1,
      line: `postfix/lmtp[${pid + 200}]: ${bounceId}: to=<${to}>, relay=mail.a.example[private/dovecot-lmtp], delay=0.1, delays=0/0/0.01/0.09, dsn=2.0.0, status=sent (250 2.0.0 <${to}> Saved)`,
      attempt: { direction: "internal", domain: own, provider: null, status: "sent", category: null },
    },
    { afterS: afterS + 1, line: `postfix/qmgr[99]: ${bounceId}: removed` },
  ];
}
