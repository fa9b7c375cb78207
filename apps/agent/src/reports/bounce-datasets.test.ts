import { type ReturnedMail, readBounce } from "@mailstead/core/bounces";
import { describe, expect, test } from "vitest";
import { openDataset } from "./dataset.testing.ts";
import { readArrivedMail } from "./read-arrived-mail.ts";
import { readMail } from "./read-mail.ts";

const labelled = openDataset("bounces-a");
const reasons = openDataset("bounces-b");
const old = openDataset("bounces-c");

interface ExpectedRecipient {
  readonly dsn: string;
  readonly reason: string;
  readonly hard: boolean;
  readonly feedback_type: string | null;
}

async function read(bytes: Uint8Array): Promise<ReturnedMail> {
  const reading = await readMail(bytes);
  if (reading.kind === "refused") throw new Error(reading.why);
  return readBounce(reading.mail.tree);
}

/** Counts right answers and keeps what was wrong, so that a miss says where. */
class Score {
  private readonly wrong: string[] = [];
  private count = 0;
  add(isRight: boolean, what: string): void {
    this.count += 1;
    if (!isRight) this.wrong.push(what);
  }
  expectAtLeast(share: number): void {
    expect(1 - this.wrong.length / this.count, this.wrong.join("\n")).toBeGreaterThanOrEqual(share);
  }
}

describe.skipIf(!labelled.isHere)(`bounces that others labelled${labelled.note}`, () => {
  const families: Record<string, string> = labelled.json("reason-to-family.json");
  const lines = labelled.lines<{ file: string; expected: readonly ExpectedRecipient[] }>("expected.jsonl");
  const scores = {
    found: new Score(),
    status: new Score(),
    family: new Score(),
    hard: new Score(),
    feedback: new Score(),
  };

  test("are read", async () => {
    for (const { file, expected } of lines) {
      const bytes = labelled.bytes(`eml/${file}`);
      if (expected[0]?.reason === "feedback") await scoreFeedback(file, bytes, expected);
      else scoreBounce(file, await read(bytes), expected);
    }
  });
  test("name every recipient", () => scores.found.expectAtLeast(0.99));
  test("have their status where one is given", () => scores.status.expectAtLeast(0.98));
  test("mean the same in 85 of 100", () => scores.family.expectAtLeast(0.85));
  test("are hard or soft as labelled in 95 of 100", () => scores.hard.expectAtLeast(0.95));
  test("are known as complaints with their type", () => scores.feedback.expectAtLeast(1));

  async function scoreFeedback(
    file: string,
    bytes: Uint8Array,
    expected: readonly ExpectedRecipient[],
  ): Promise<void> {
    const arrived = await readArrivedMail(bytes);
    const report = arrived.kind === "complaint" ? arrived.report : null;
    const failure =
      arrived.kind === "report" && arrived.reports[0]?.kind === "dmarc-failure"
        ? arrived.reports[0].report
        : null;
    const type = report?.type ?? failure?.type;
    scores.feedback.add(
      type === expected[0]?.feedback_type,
      `${file}: ${arrived.kind} ${type}, not ${expected[0]?.feedback_type}`,
    );
  }

  function scoreBounce(file: string, found: ReturnedMail, expected: readonly ExpectedRecipient[]): void {
    if (expected[0]?.reason === "vacation") {
      scores.family.add(
        ["vacation", "auto-reply"].includes(found.kind),
        `${file}: ${found.kind}, not an auto-reply`,
      );
      return;
    }
    for (const [index, { dsn, reason, hard }] of expected.entries()) {
      const recipient = found.recipients[index];
      scores.found.add(recipient?.address.includes("@") === true, `${file}: no recipient ${index + 1}`);
      if (recipient === undefined) continue;
      const family = recipient.action === "delivered" ? "delivered" : familyOf(recipient.category);
      // The labels invent a status where the bounce gives none.
      if (dsn !== "" && !/^[245]\.0\.9/.test(dsn))
        scores.status.add(recipient.status === dsn, `${file}: ${recipient.status}, not ${dsn}`);
      scores.family.add(
        family === families[reason],
        `${file}: ${recipient.category} (${recipient.ruleId}), not ${reason}: ${recipient.diagnostic.slice(0, 200)}`,
      );
      scores.hard.add(
        recipient.isHard === hard,
        `${file}: ${recipient.category}, hard ${recipient.isHard}, not ${hard}`,
      );
    }
  }
});

describe.skipIf(!reasons.isHere)(`bounces with a standard reason${reasons.note}`, () => {
  const lines = reasons.lines<{
    file: string;
    is_bounce: boolean;
    std_reason?: string;
    addresses?: readonly string[];
  }>("expected.jsonl");
  const scores = { kind: new Score(), reason: new Score(), address: new Score() };

  test("are read", async () => {
    for (const { file, is_bounce, std_reason, addresses } of lines) {
      const { kind, recipients } = await read(reasons.bytes(`eml/${file}`));
      scores.kind.add((kind === "bounce") === is_bounce, `${file}: ${kind}`);
      if (!is_bounce) expect(kind, file).not.toBe("bounce");
      const found = recipients.map(({ category }) => standardReasons[category] ?? category);
      if (std_reason !== undefined)
        scores.reason.add(
          found.includes(std_reason),
          `${file}: ${found}, not ${std_reason}: ${recipients[0]?.diagnostic.slice(0, 200)}`,
        );
      for (const address of addresses ?? []) {
        scores.address.add(
          recipients.some((one) => one.address.toLowerCase() === address.toLowerCase()),
          `${file}: ${address}`,
        );
      }
    }
  });
  test("are told from other mail", () => scores.kind.expectAtLeast(0.98));
  test("have the reason in 90 of 100", () => scores.reason.expectAtLeast(0.9));
  test("name the addresses", () => scores.address.expectAtLeast(1));
});

describe.skipIf(!old.isHere)(`old bounces and complaints${old.note}`, () => {
  test.each(old.files())("%s is read", async (file) => {
    const arrived = await readArrivedMail(old.bytes(file));
    if (/^(?:arf|fbl)/.test(file)) expect(arrived.kind).toBe("complaint");
    if (arrived.kind !== "bounce") return;
    const text = new TextDecoder().decode(old.bytes(file));
    expect(arrived.returned.recipients.length).toBeGreaterThan(0);
    if (/^Final-Recipient:/im.test(text)) expect(arrived.returned.recipients[0]?.status).not.toBeNull();
  });
});

const standardReasons: Readonly<Record<string, string>> = {
  "unknown-user": "user_unknown",
  "mailbox-full": "over_quota",
  "size-limit": "message_too_large",
  "dns-failure": "domain_error",
  "relay-denied": "domain_error",
  "mailbox-disabled": "user_disabled",
  "content-spam": "spam",
  "ip-reputation": "spam",
  "ip-blocklist": "spam",
  "domain-blocklist": "spam",
  "domain-reputation": "spam",
};

/** The labels' families are wider than our kinds. */
function familyOf(category: string): string {
  const families: Readonly<Record<string, string>> = {
    "auth-none": "authentication",
    "auth-spf": "authentication",
    "auth-dkim": "authentication",
    alignment: "authentication",
    "dmarc-missing": "authentication",
    "dmarc-policy": "authentication",
    "tls-failure": "tls-required",
    helo: "protocol",
    "ip-blocklist": "ip-reputation",
    "domain-blocklist": "domain-reputation",
    "rcpt-rate-limit": "rate-limit",
    "content-spam": "content",
    "content-virus": "content",
    expired: "connection",
    "routing-loop": "connection",
  };
  return families[category] ?? category;
}
