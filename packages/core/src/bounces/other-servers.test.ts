import { describe, expect, test } from "vitest";
import type { MailTree } from "./mail-tree.ts";
import { readBounce } from "./read-bounce.ts";

interface Sample {
  readonly from?: string;
  readonly subject?: string;
  readonly text: string;
}

function mail({ from = "MAILER-DAEMON@mx.a.example", subject = "Delivery failure", text }: Sample): MailTree {
  const headers = { from, to: "sender@a.example", subject, "return-path": "<>" };
  return { headers: Object.entries(headers).map(([name, value]) => ({ name, value })), text, parts: [] };
}

type Expected = readonly [address: string, status: string | null, category: string, isHard: boolean];

describe("the words of", () => {
  test.each<[string, Sample, Expected]>([
    [
      "Apache James",
      {
        text: "Hi. This is the James mail server at a.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\nFailed recipient(s):\nb@b.example\n\nError message:\n550 5.2.2 <b@b.example>... Mailbox Full\n\nMessage details:\n  Subject: x\n  MAIL FROM: sender@a.example\n  RCPT TO: b@b.example\n",
      },
      ["b@b.example", "5.2.2", "mailbox-full", false],
    ],
    [
      "MailMarshal",
      {
        subject: "Undeliverable Mail",
        text: "Your message:\n   From:    sender@a.example\n   Subject: x\n\nCould not be delivered because of\n\n550 5.1.1 User unknown\n\nThe following recipients were affected:\n    b@b.example\n\nAdditional Information\n======================\nReporting-MTA:     <10.0.0.1>\n",
      },
      ["b@b.example", "5.1.1", "unknown-user", true],
    ],
    [
      "MailFoundry",
      {
        text: "Unable to deliver message to: <b@b.example>\nDelivery failed for the following reason:\nServer mx.b.example[192.0.2.1] failed with: 550 <b@b.example> No such user here\n\nThis has been a permanent failure.\n",
      },
      ["b@b.example", null, "unknown-user", true],
    ],
    [
      "a server that lists reasons in brackets",
      { text: "---The following addresses had delivery errors---\n\nb@b.example [User unknown]\n" },
      ["b@b.example", null, "unknown-user", true],
    ],
    [
      "a server that quotes the reply in brackets",
      {
        subject: "There was an error sending your mail",
        text: "We had trouble delivering your message. Full details follow:\n\n1 error(s):\n\nSMTP Server <mx.b.example> rejected recipient <b@b.example>\n  (Error following RCPT command). It responded as follows: [550 5.1.1 unknown user]\n",
      },
      ["b@b.example", "5.1.1", "unknown-user", true],
    ],
    [
      "1&1",
      {
        text: "A message that you sent could not be delivered to one or more of\nits recipients. This is a permanent error. The following address\nfailed:\n\n<b@b.example>\nReason:\ndelivery retry timeout exceeded\n\n--- The header of the original message is following. ---\n\nTo: b@b.example\n",
      },
      ["b@b.example", null, "expired", false],
    ],
    [
      "Google, in German",
      {
        from: "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
        subject: "Delivery Status Notification (Failure)",
        text: "** Die Adresse wurde nicht gefunden **\n\nIhre Nachricht wurde nicht an b@b.example zugestellt.\n\nAntwort des Remoteservers:\n\n550 5.1.1 <b@b.example>: Recipient address rejected: User unknown in virtual mailbox table\n",
      },
      ["b@b.example", "5.1.1", "unknown-user", true],
    ],
    [
      "Microsoft 365 in a page",
      {
        from: "Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@a.example>",
        subject: "Undeliverable: x",
        text: "Your message to b@b.example couldn't be delivered.\nb wasn't found at b.example.\n\nDiagnostic information for administrators:\nGenerating server: X.prod.outlook.com\nb@b.example\nRemote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup'\n",
      },
      ["b@b.example", "5.1.10", "unknown-user", true],
    ],
    [
      "qmail that could not look a name up",
      {
        subject: "failure notice",
        text: "Hi. This is the qmail-send program at a.example.\n\n<b@b.example>:\nCNAME lookup failed temporarily. (#4.4.3)\nI'm not going to try again; this message has been in the queue too long.\n",
      },
      ["b@b.example", "4.4.3", "connection", false],
    ],
    [
      "Exim that found no such host",
      {
        subject: "Mail delivery failed: returning message to sender",
        text: "This message was created automatically by mail delivery software.\n\n  b@b.example\n    all relevant MX records point to non-existent hosts\n\n------ This is a copy of the message, including all the headers. ------\n",
      },
      ["b@b.example", null, "dns-failure", true],
    ],
    [
      "Postfix that names a block list",
      {
        subject: "Undelivered Mail Returned to Sender",
        text: "This is the mail system at host mx.a.example.\n\n<b@b.example>: host mx.b.example[192.0.2.1] said: 554 5.7.1 Service unavailable;\n    Client host [192.0.2.9] blocked using zen.spamhaus.org (in reply to RCPT\n    TO command)\n",
      },
      ["b@b.example", "5.7.1", "ip-blocklist", false],
    ],
    [
      "sendmail before the fields of RFC 3464",
      {
        subject: "Returned mail: Host unknown (Name server: b.example: host not found)",
        text: "   ----- The following addresses had permanent fatal errors -----\n<b@b.example>\n\n   ----- Transcript of session follows -----\n550 5.1.2 <b@b.example>... Host unknown (Name server: b.example: host not found)\n",
      },
      ["b@b.example", "5.1.2", "dns-failure", true],
    ],
    [
      "Lotus Notes",
      {
        from: "POSTMASTER@a.example",
        subject: "Undeliverable message",
        text: "------- Failure Reasons  --------\n\nUser not listed in public Name & Address Book\nb@b.example\n\n\n------- Returned Message --------\nReceived: x\n",
      },
      ["b@b.example", null, "unknown-user", true],
    ],
    [
      "a Japanese filter",
      {
        subject: "failure notice",
        text: "このメールは送信できませんでした。\n以下のメールアドレスへの送信に失敗しました。\nb@b.example\n\n\n-------server message\n552 5.2.2 mailbox full\n\n-------SMTP command\nRCPT\n",
      },
      ["b@b.example", "5.2.2", "mailbox-full", false],
    ],
  ])("%s are understood", (_whose, sample, [address, status, category, isHard]) => {
    expect(readBounce(mail(sample))).toMatchObject({
      kind: "bounce",
      recipients: [{ address, status, category, isHard }],
    });
  });

  test("a server that is still trying tell of a delay, not of a bounce", () => {
    const text =
      "A message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 hours on the queue on a.example.\n\nThe address to which the message has not yet been delivered is:\n\n  b@b.example\n\nNo action is required on your part. Delivery attempts will continue for\nsome time.\n";
    const subject = "Warning: message 1a delayed 24 hours";
    expect(readBounce(mail({ subject, text }))).toMatchObject({
      kind: "delayed",
      recipients: [{ address: "b@b.example", action: "delayed", isHard: false }],
    });
  });

  test("Amazon SES in JSON are read as fields", () => {
    const bounce = {
      notificationType: "Bounce",
      bounce: {
        bouncedRecipients: [
          {
            emailAddress: "b@b.example",
            action: "failed",
            status: "5.1.1",
            diagnosticCode: "smtp; 550 5.1.1 user unknown",
          },
        ],
      },
      mail: { messageId: "1" },
    };
    const text = `${JSON.stringify(bounce)}\n\n--\nIf you wish to stop receiving notifications`;
    expect(readBounce(mail({ from: "no-reply@sns.amazonaws.com", text }))).toMatchObject({
      kind: "bounce",
      recipients: [{ address: "b@b.example", status: "5.1.1", replyCode: "550", category: "unknown-user" }],
    });
  });
});
