import { randomBytes } from "node:crypto";

/** A message as its header fields and its body. */
export interface PlainMessage {
  headers: readonly (readonly [name: string, value: string])[];
  body: string;
}

/**
 * A small letter from a domain's postmaster to itself that is never sent (RFC 5322). Its subject and its id are its
 * own. Each line is in the form to which relaxed canonicalization brings it (RFC 6376 §3.4): no folding, and no white
 * space that could be taken away.
 */
export function composeTestMessage(domain: string, now: Date): PlainMessage {
  const number = randomBytes(16).toString("hex");
  const postmaster = `postmaster@${domain}`;
  return {
    headers: [
      ["From", postmaster],
      ["To", postmaster],
      ["Subject", `Test of DKIM signatures ${number}`],
      ["Date", now.toUTCString().replace("GMT", "+0000")],
      ["Message-ID", `<${number}@${domain}>`],
      ["MIME-Version", "1.0"],
      ["Content-Type", "text/plain; charset=utf-8"],
    ],
    body: `This message tests the DKIM keys of ${domain}. It was never sent.\r\n`,
  };
}

/** The message as it goes over the wire. */
export function messageText({ headers, body }: PlainMessage): string {
  return `${headers.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body}`;
}
