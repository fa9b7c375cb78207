/** Where in a session a receiver answers. */
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
