import type { ReceiverName } from "./profiles.ts";
import type { AuthenticationFacts, SmtpReply, Stage } from "./reply.ts";

/** One answer of a receiver that decided about a connection or a message. */
export interface LogEntry {
  readonly at: string;
  readonly receiver: ReceiverName;
  readonly client: string;
  readonly helo: string;
  readonly stage: Stage;
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly reply: SmtpReply;
}

/** A message that a receiver took, with what it found out about it. */
export interface ReceivedMail {
  readonly at: string;
  readonly receiver: ReceiverName;
  readonly client: string;
  readonly helo: string;
  readonly hasReverseName: boolean;
  readonly isEncrypted: boolean;
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly facts: AuthenticationFacts;
  /** The whole message as it came. */
  readonly raw: string;
}

/** What the control socket's POST /send takes: a letter from one of the receivers' own domains. */
export interface OutgoingMail {
  /** Header From and envelope sender, in a domain of a receiver. */
  readonly from: string;
  readonly to: string;
  readonly subject?: string;
  readonly text?: string;
  /** The whole message instead of subject and text. */
  readonly raw?: string;
  /** False leaves the message without a DKIM signature. */
  readonly isSigned?: boolean;
  /** Envelope sender, when it is to differ from header From. */
  readonly envelopeSender?: string;
  /** Connects by this family only. */
  readonly family?: 4 | 6;
}

export interface SendResult {
  readonly code: number;
  readonly text: string;
  /** The mail server that answered, as name and address; undefined when none was reached. */
  readonly server: string | undefined;
}
