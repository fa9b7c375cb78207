/** A way in which notices name a recipient, as data: what a line looks like, and one that shows it. */
export interface RecipientLine {
  readonly id: string;
  /** Sees one line; what stands after its match holds the address, or its group `address` is it. */
  readonly pattern: RegExp;
  /** The surer ways are looked at first; the first sureness that finds anybody wins. */
  readonly sureness: 1 | 2 | 3;
  readonly sample: string;
}

/** An address as it may stand in a notice: in brackets, in quotes, or bare. */
const address =
  "[<\"'(]{0,2}(?:rfc822;|smtp:|mailto:)?\\s?(?<address>[^\\s<>\"'(),;:@]{1,128}@[^\\s<>\"'(),;:@]{1,255})[>\"')]{0,2}";

/** Ways to name a recipient, used by Postfix, Exim, qmail, sendmail, Exchange, Notes, Yahoo and many who copied them. */
export const recipientLines: readonly RecipientLine[] = [
  {
    id: "listed",
    pattern: new RegExp(
      `^\\s{0,20}(?:[*>•-]{1,4}\\s{0,4})?${address}\\s{0,4}(?:$|:|\\(|\\[|\\.{3}| on [A-Z][a-z]{2},|,\\s{0,3}$|<)`,
      "i",
    ),
    sureness: 1,
    sample: "<a@a.example>: host mx.a.example[192.0.2.1] said: 550 No.",
  },
  {
    id: "listed-with-reason",
    pattern: new RegExp(
      `^\\s{0,20}(?:[*>•-]{1,4}\\s{0,4})?${address}\\s{1,8}(?:[-–;,[]|\\d{3}[ -]|is |was |not |invalid|unknown|no |user |mailbox |smtp;)`,
      "i",
    ),
    sureness: 1,
    sample: "a@a.example Invalid Address, ERROR_CODE :550",
  },
  {
    id: "labelled",
    pattern: new RegExp(
      `^\\s{0,20}(?:failed |intended |original |final )?(?:recipients?|rcpt to|unknown user|user unknown|no such user|addressee|empf(?:ä|ae)nger|destinataire|destinatario|delivery failed [^:]{0,40}|could not be delivered to|undeliverable to|unable to deliver (?:mail |message )?to)(?: e-?mail)?(?: address)?(?:\\(e?s\\))?\\s{0,4}[:=]?\\s{0,8}${address}`,
      "i",
    ),
    sureness: 1,
    sample: "Recipient: <a@a.example>",
  },
  {
    id: "reply-names",
    pattern: new RegExp(
      `^\\s{0,8}(?:<<<\\s)?[245]\\d\\d[ -](?:[245]\\.\\d{1,3}\\.\\d{1,3} )?${address}\\.{3}`,
      "i",
    ),
    sureness: 2,
    sample: "554 <a@a.example>... Remote protocol error",
  },
  {
    id: "command-names",
    pattern: new RegExp(`^\\s{0,8}>>> RCPT TO:\\s?${address}`, "i"),
    sureness: 2,
    sample: ">>> RCPT To:<a@a.example>",
  },
  {
    id: "sentence-names",
    pattern: new RegExp(
      `\\b(?:deliver\\w*|send\\w*|sent|mail|message|reach|recipients?|rcpt to|address|user|group|account|mailbox)[^@\\n]{0,80}?[\\s:(<"']${address}`,
      "i",
    ),
    sureness: 3,
    sample: "There was an error delivering your mail to <a@a.example>.",
  },
];
