import type { ProviderId, ReplyCategory } from "@mailstead/core/delivery";
import type { Random } from "./random.ts";
import type { TrueAttempt } from "./truth.ts";

/** Mail of a host: the lines that Postfix logs of it, in their order, and what they mean. */
export interface MailTraffic {
  readonly lines: readonly string[];
  readonly attempts: readonly TrueAttempt[];
  readonly messageCount: number;
}

interface Receiver {
  readonly host: string;
  readonly address: string;
  readonly provider: ProviderId | null;
  readonly hasTls: boolean;
}

const gmail: Receiver = {
  host: "gmail-smtp-in.l.google.com",
  address: "192.0.2.26",
  provider: "gmail",
  hasTls: true,
};
const outlook: Receiver = {
  host: "outlook-com.olc.protection.outlook.com",
  address: "192.0.2.33",
  provider: "outlook",
  hasTls: true,
};
const yahoo: Receiver = {
  host: "mta5.am0.yahoodns.net",
  address: "192.0.2.41",
  provider: "yahoo",
  hasTls: true,
};
const partner: Receiver = {
  host: "mx.partner.example",
  address: "198.51.100.8",
  provider: null,
  hasTls: false,
};

interface Refusal {
  readonly from: Receiver;
  readonly category: ReplyCategory;
  readonly dsn: string;
  readonly reply: (mark: string, to: string) => string;
}

/** Stands in every address and every subject of the mail, and in nothing that may leave the host. */
export const privateMark = "secret";

const putOff: Refusal = {
  from: gmail,
  category: "rate-limit",
  dsn: "4.7.28",
  reply: (mark) => `421-4.7.28 An unusual rate of email. 421 4.7.28 ${mark} - gsmtp`,
};
const blocked: Refusal = {
  from: outlook,
  category: "ip-reputation",
  dsn: "5.7.1",
  reply: (mark) =>
    `550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Part of their network is on our block list (S3140). [${mark}]`,
};
const unknownUser: Refusal = {
  from: partner,
  category: "unknown-user",
  dsn: "5.1.1",
  reply: (mark, to) =>
    `550 5.1.1 <${to}>: Recipient address rejected: User unknown in virtual mailbox table ${mark}`,
};

const senderDomains = 12;
type Kind = "taken" | "inbound" | "two-recipients" | "put-off" | "blocked" | "unknown-user" | "unreachable";
/** Most of a host's mail is taken at once; the rest is of every kind that is counted differently. */
const kinds: readonly [Kind, ...Kind[]] = [
  "taken",
  ...Array<Kind>(5).fill("taken"),
  ...Array<Kind>(3).fill("inbound"),
  "two-recipients",
  "put-off",
  "blocked",
  "unknown-user",
  "unreachable",
];

const retryAfterMs = 300_000;

/** Makes up mail until there were so many attempts to deliver, from `from` to `until` (milliseconds since 1970). */
export function makeTraffic(
  random: Random,
  { attemptsMin, from, until }: { attemptsMin: number; from: number; until: number },
): MailTraffic {
  const lines: { at: number; text: string }[] = [];
  const attempts: TrueAttempt[] = [];
  let number = 0;
  const last = until - 2 * retryAfterMs;
  // Some messages have two attempts, so that a little less than the time is filled.
  const stepMs = (last - from) / attemptsMin;
  while (attempts.length < attemptsMin) {
    number += 1;
    writeMessage({ random, number, at: Math.floor(from + number * stepMs), lines, attempts });
  }
  lines.sort((one, other) => one.at - other.at);
  return { lines: lines.map(({ text }) => text), attempts, messageCount: number };
}

interface Writing {
  readonly random: Random;
  readonly number: number;
  readonly at: number;
  readonly lines: { at: number; text: string }[];
  readonly attempts: TrueAttempt[];
}

interface Attempt {
  /** Milliseconds since the message came. */
  readonly after: number;
  readonly to: string;
  /** Null where nobody is reached. */
  readonly at: Receiver | null;
  /** Left out where the mail is taken. */
  readonly refusal?: Refusal;
  readonly isFirst?: boolean;
}

function writeMessage({ random, number, at: beganAt, lines, attempts }: Writing): void {
  const kind = random.pick(kinds);
  // Ids are used again after a while, as Postfix does with short ones.
  const queueId = (0xa000000 + (number % 40_000)).toString(16).toUpperCase();
  const ownDomain = `kunde${random.between(1, senderDomains)}.example`;
  const own = `ann.${privateMark}${number}@${ownDomain}`;
  const sizeBytes = random.between(600, 60_000);
  const pid = 1000 + (number % 400);
  const log = (at: number, program: string, text: string): void => {
    const stamp = new Date(at).toISOString().replace("Z", "000+00:00");
    lines.push({ at, text: `${stamp} mail postfix/${program}[${pid}]: ${text}\n` });
  };
  const open = (from: string, recipients: number): void => {
    log(beganAt, "cleanup", `${queueId}: message-id=<${privateMark}${number}@${ownDomain}>`);
    log(
      beganAt,
      "cleanup",
      `${queueId}: warning: header Subject: The ${privateMark} ${number} from desk.own.example[198.51.100.7]; from=<${from}> to=<${own}> proto=ESMTP helo=<desk>`,
    );
    log(beganAt, "qmgr", `${queueId}: from=<${from}>, size=${sizeBytes}, nrcpt=${recipients} (queue active)`);
  };
  const attempt = ({ after, to, at, refusal, isFirst = true }: Attempt): void => {
    const when = beganAt + after;
    const mark = `k${number.toString(36)}-20`;
    const reply = at === null ? "Connection timed out" : (refusal?.reply(mark, to) ?? null);
    const isSent = reply === null;
    const status = isSent ? "sent" : refusal === undefined || refusal === putOff ? "deferred" : "bounced";
    const delayS = after / 1000;
    const delays = `delay=${delayS}, delays=0.1/0/0/${delayS}`;
    if (at?.hasTls)
      log(
        when,
        "smtp",
        `Trusted TLS connection established to ${at.host}[${at.address}]:25: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)`,
      );
    const told =
      at === null
        ? "(connect to mx.gone.example[203.0.113.9]:25: Connection timed out)"
        : isSent
          ? "(250 2.0.0 Ok)"
          : `(host ${at.host}[${at.address}] said: ${reply} (in reply to end of DATA command))`;
    const relay = at === null ? "none" : `${at.host}[${at.address}]:25`;
    const dsn = at === null ? "4.4.1" : (refusal?.dsn ?? "2.0.0");
    log(
      when,
      "smtp",
      `${queueId}: to=<${to}>, relay=${relay}, ${delays}, dsn=${dsn}, status=${status} ${told}`,
    );
    attempts.push({
      at: when,
      queueId,
      direction: "outbound",
      domain: ownDomain,
      isReached: at !== null,
      provider: at?.provider ?? null,
      status,
      category: isSent ? null : at === null ? "connection" : (refusal?.category ?? null),
      isFirst,
      isOverTls: at?.hasTls ?? false,
      sizeBytes,
      delayS,
      reply: at === null ? null : (reply?.replace(`<${to}>`, "<address>") ?? null),
    });
  };
  const tookMs = random.between(1, 90) * 100;
  const close = (after: number): void => log(beganAt + after, "qmgr", `${queueId}: removed`);

  if (kind === "inbound") {
    log(beganAt, "smtpd", `${queueId}: client=mx.far.example[203.0.113.7]`);
    open(`carl.${privateMark}${number}@far.example`, 1);
    const delayS = tookMs / 1000;
    log(
      beganAt + tookMs,
      "lmtp",
      `${queueId}: to=<${own}>, relay=mail.own.example[private/dovecot-lmtp], delay=${delayS}, delays=0.1/0/0/${delayS}, dsn=2.0.0, status=sent (250 2.0.0 <${own}> Saved)`,
    );
    close(tookMs);
    attempts.push({
      at: beganAt + tookMs,
      queueId,
      direction: "inbound",
      domain: ownDomain,
      isReached: false,
      provider: null,
      status: "sent",
      category: null,
      isFirst: true,
      isOverTls: false,
      sizeBytes,
      delayS,
      reply: null,
    });
    return;
  }
  log(
    beganAt,
    "submission/smtpd",
    `${queueId}: client=desk.own.example[198.51.100.7], sasl_method=PLAIN, sasl_username=${own}`,
  );
  open(own, kind === "two-recipients" ? 2 : 1);
  const to = `bob.${privateMark}${number}@there.example`;
  switch (kind) {
    case "taken":
      attempt({ after: tookMs, to, at: random.pick([gmail, outlook, yahoo, partner]) });
      break;
    case "two-recipients":
      attempt({ after: tookMs, to, at: gmail });
      attempt({ after: tookMs + 100, to: `second.${to}`, at: partner });
      break;
    case "put-off":
      attempt({ after: tookMs, to, at: gmail, refusal: putOff });
      attempt({ after: tookMs + retryAfterMs, to, at: gmail, isFirst: false });
      break;
    case "unreachable":
      attempt({ after: tookMs, to, at: null });
      attempt({ after: tookMs + retryAfterMs, to, at: partner, isFirst: false });
      break;
    case "blocked":
      attempt({ after: tookMs, to, at: outlook, refusal: blocked });
      break;
    case "unknown-user":
      attempt({ after: tookMs, to, at: partner, refusal: unknownUser });
      break;
  }
  close(tookMs + retryAfterMs + 200);
}
