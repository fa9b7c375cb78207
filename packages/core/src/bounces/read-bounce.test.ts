import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MailTree } from "./mail-tree.ts";
import { readBounce } from "./read-bounce.ts";
import { recipientLines } from "./recipient-lines.ts";
import { returnedMarks } from "./returned-marks.ts";

const original: MailTree = {
  headers: [
    { name: "return-path", value: "<verp+b=b.example@a.example>" },
    { name: "message-id", value: "<1@a.example>" },
    { name: "feedback-id", value: "news:tenant:a" },
    { name: "to", value: "b@b.example" },
  ],
  text: "Hello",
  parts: [],
};

function mail(changed: {
  text?: string;
  headers?: Record<string, string>;
  parts?: MailTree["parts"];
}): MailTree {
  const { text = "", headers = {}, parts = [] } = changed;
  const all = {
    from: "MAILER-DAEMON@mx.a.example",
    to: "a@a.example",
    subject: "Undelivered Mail",
    ...headers,
  };
  return { headers: Object.entries(all).map(([name, value]) => ({ name, value })), text, parts };
}

function dsn(fields: string, text = ""): MailTree {
  const status = { contentType: "message/delivery-status", fileName: null, text: fields, message: null };
  const returned = { contentType: "message/rfc822", fileName: null, text: "", message: original };
  return mail({
    text,
    headers: { "content-type": 'multipart/report; report-type="delivery-status"; boundary=x' },
    parts: [status, returned],
  });
}

describe("a delivery status notification", () => {
  test("names each recipient with its status, the reply and what it means", () => {
    const read = readBounce(
      dsn(`Reporting-MTA: dns; mx.a.example

Original-Recipient: rfc822;b@b.example
Final-Recipient: rfc822;box@c.example
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.c.example
Diagnostic-Code: smtp; 550 5.1.1 <box@c.example>:
    User unknown

Final-Recipient: rfc822;d@d.example
Action: delayed
Status: 4.2.2
Diagnostic-Code: smtp; 452 4.2.2 Mailbox full`),
    );
    expect(read).toMatchObject({
      kind: "bounce",
      reportingMta: "mx.a.example",
      original: {
        messageId: "1@a.example",
        feedbackId: "news:tenant:a",
        envelopeSender: "verp+b=b.example@a.example",
      },
      recipients: [
        {
          address: "box@c.example",
          originalAddress: "b@b.example",
          action: "failed",
          status: "5.1.1",
          replyCode: "550",
          category: "unknown-user",
          isHard: true,
          remoteMta: "mx.c.example",
        },
        { address: "d@d.example", action: "delayed", category: "mailbox-full", isHard: false },
      ],
    });
  });

  test.each([
    ["delayed", "Final-Recipient: rfc822;b@b.example\nAction: delayed\nStatus: 4.4.1"],
    ["delivered", "Final-Recipient: rfc822;b@b.example\nAction: delivered\nStatus: 2.0.0"],
    ["delayed", "Final-Recipient: rfc822;b@b.example\nStatus: 4.7.0"],
  ])("that tells of no failure is %s, not a bounce", (kind, fields) => {
    expect(readBounce(dsn(`Reporting-MTA: dns; a.example\n\n${fields}`)).kind).toBe(kind);
  });

  test("with its recipients not parted by blank lines still tells them apart", () => {
    const one = (name: string) =>
      `Final-Recipient: rfc822;${name}@b.example\nAction: failed\nStatus: 5.1.1\n`;
    const { recipients } = readBounce(dsn(`Reporting-MTA: dns; a.example\n\n${one("x")}${one("y")}`));
    expect(recipients.map(({ address }) => address)).toEqual(["x@b.example", "y@b.example"]);
  });

  test("whose field holds no whole address takes the one that the words name", () => {
    const fields =
      "Reporting-MTA: dns; a.example\n\nFinal-Recipient: RFC822; @mx.b.example\nAction: failed\nStatus: 5.1.2";
    const text =
      "   ----- The following addresses had permanent fatal errors -----\n<b@b.example>\n    (reason: 550 Host unknown)";
    expect(readBounce(dsn(fields, text)).recipients[0]).toMatchObject({
      address: "b@b.example",
      category: "dns-failure",
    });
  });

  test("that is told in the text alone is read there", () => {
    const text = "Technical report:\nFinal-Recipient: rfc822; b@b.example\nAction: failed\nStatus: 5.2.2\n";
    expect(readBounce(mail({ text })).recipients[0]).toMatchObject({
      status: "5.2.2",
      category: "mailbox-full",
    });
  });
});

describe("a notice in words", () => {
  test.each<[string, string, string, { status: string | null; category: string; isHard: boolean }]>([
    [
      "Postfix's",
      "I'm sorry to have to inform you that your message could not be delivered.\n\n<b@b.example>: host mx.b.example[192.0.2.1] said: 550 5.1.1 No such user (in reply\n    to RCPT TO command)",
      "b@b.example",
      { status: "5.1.1", category: "unknown-user", isHard: true },
    ],
    [
      "Exim's",
      "This message was created automatically by mail delivery software.\n\n  b@b.example\n    retry timeout exceeded\n\n------ This is a copy of the message, including all the headers. ------\n\nFrom: x@x.example",
      "b@b.example",
      { status: null, category: "expired", isHard: false },
    ],
    [
      "qmail's",
      "Hi. This is the qmail-send program at a.example.\n\n<b@b.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\nReceived: x",
      "b@b.example",
      { status: "5.1.1", category: "unknown-user", isHard: true },
    ],
    [
      "sendmail's",
      "   ----- The following addresses had permanent fatal errors -----\n<b@b.example>\n    (reason: 552 5.2.2 Over quota)\n\n   ----- Transcript of session follows -----\n>>> DATA\n<<< 552 5.2.2 Over quota\n",
      "b@b.example",
      { status: "5.2.2", category: "mailbox-full", isHard: false },
    ],
    [
      "Exchange's",
      "Your message\n\n  To:      a@a.example\n  Subject: x\n\ndid not reach the following recipient(s):\n\nb@b.example on Thu, 29 Apr 2010 00:00:00 -0000\n    The recipient name is not recognized\n",
      "b@b.example",
      { status: null, category: "unknown-user", isHard: true },
    ],
    [
      "AOL's",
      "Sorry a@a.example. Your mail to the following recipients could not be delivered because they are not accepting mail with attachments:\n\n\tb\n",
      "b@mx.a.example",
      { status: null, category: "policy", isHard: false },
    ],
  ])("%s names its recipient", (_whose, text, address, expected) => {
    expect(readBounce(mail({ text }))).toMatchObject({
      kind: "bounce",
      recipients: [{ address, ...expected }],
    });
  });

  test("gives each recipient the words that are about it", () => {
    const text =
      "Could not be delivered:\n\n  b@b.example\n    550 5.1.1 User unknown\n  c@c.example\n    552 5.2.2 Mailbox full\n";
    expect(readBounce(mail({ text })).recipients.map(({ category }) => category)).toEqual([
      "unknown-user",
      "mailbox-full",
    ]);
  });

  test("does not give an address up when the user is called unknown only after the message was taken", () => {
    const text = "<b@b.example>: host mx.b.example said: 550 User unknown (in reply to end of DATA command)";
    expect(readBounce(mail({ text })).recipients[0]).toMatchObject({ category: "policy", isHard: false });
  });

  test("is not the sender's own address", () => {
    const text =
      "A message sent by\n  <a@a.example>\ncould not be delivered:\n\n  b@b.example\n    No such user\n";
    expect(readBounce(mail({ text })).recipients.map(({ address }) => address)).toEqual(["b@b.example"]);
  });
});

describe("what is no bounce", () => {
  const person = { from: "B <b@b.example>", "return-path": "<b@b.example>" };
  test.each<[string, Record<string, string>, string]>([
    [
      "ordinary",
      { ...person, subject: "Undelivered Mail: a question" },
      "Why was my mail not delivered? See 550 5.1.1",
    ],
    ["ordinary", { ...person, subject: "Lunch" }, "I could not send the file."],
    [
      "vacation",
      { ...person, subject: "Out of office: Lunch", "auto-submitted": "auto-replied" },
      "Until Monday.",
    ],
    [
      "auto-reply",
      { ...person, subject: "Re: Lunch", "auto-submitted": "auto-replied" },
      "Your ticket is 1.",
    ],
    ["vacation", { ...person, subject: "Automatic reply: Lunch" }, "I am away"],
  ])("is %s: %j", (kind, headers, text) => {
    expect(readBounce(mail({ headers, text }))).toMatchObject({ kind, recipients: [] });
  });

  test("is feedback where a mailbox provider reports a complaint", () => {
    const report = {
      contentType: "message/feedback-report",
      fileName: null,
      text: "Feedback-Type: abuse",
      message: null,
    };
    expect(readBounce(mail({ headers: { from: "fbl@b.example" }, parts: [report] })).kind).toBe("feedback");
  });
});

test.each(recipientLines.map((line) => [line.id, line] as const))(
  "the line %s finds its sample",
  (_id, line) => {
    expect(line.pattern.exec(line.sample)?.groups?.["address"]).toBe("a@a.example");
  },
);

test.each(returnedMarks.map(({ sample, pattern }) => [sample, pattern] as const))(
  "%s ends a notice",
  (sample, pattern) => {
    expect(sample).toMatch(pattern);
  },
);

test("any text has a reading", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 500 }), fc.string({ maxLength: 500 }), (text, fields) => {
      expect(readBounce(mail({ text })).kind).toBeTypeOf("string");
      expect(readBounce(dsn(fields, text)).kind).toBeTypeOf("string");
    }),
  );
});

test("text made to be slow is read at once", () => {
  const shapes = [
    "<a@b ",
    "a@",
    "550 5.1.1 ",
    ">>> RCPT TO:<",
    "recipient ",
    "<<< 550 x\n",
    "From: x\n",
    "a".repeat(99),
  ];
  for (const shape of shapes) {
    const text = shape.repeat(Math.ceil(250_000 / shape.length));
    const began = performance.now();
    readBounce(mail({ text }));
    readBounce(dsn(text, text));
    expect(performance.now() - began, shape).toBeLessThan(2000);
  }
});
