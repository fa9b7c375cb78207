export interface ClientServer {
  host: string;
  port: number;
  security: "tls" | "starttls";
}

/** What a person types into a mail program. */
export interface ClientSettings {
  username: string;
  imap: ClientServer;
  submission: ClientServer;
  /** For programs that cannot do TLS from the first byte. */
  submissionWithStarttls: ClientServer;
  sieve: ClientServer;
}

/** The settings for a mailbox on a host; TLS from the first byte is preferred (RFC 8314 §3). */
export function clientSettings(address: string, host: string): ClientSettings {
  return {
    username: address,
    imap: { host, port: 993, security: "tls" },
    submission: { host, port: 465, security: "tls" },
    submissionWithStarttls: { host, port: 587, security: "starttls" },
    sieve: { host, port: 4190, security: "starttls" },
  };
}
