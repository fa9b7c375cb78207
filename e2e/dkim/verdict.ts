/** What a receiver made of one signature. */
export interface SignatureVerdict {
  readonly selector: string;
  /** "pass", or the receiver's own word for why not. */
  readonly result: string;
}

/** What one receiver found out about one message that reached it. */
export interface MessageVerdict {
  readonly receiver: string;
  /** The id that the sender gave to the message. */
  readonly id: string;
  readonly atMs: number;
  readonly signatures: readonly SignatureVerdict[];
}

/**
 * Whether a receiver has verified a message. One signature that does not verify is a failure although another one
 * does, and so is a message without any: a rotation promises that nobody ever sees either.
 */
export function isVerified({ signatures }: MessageVerdict): boolean {
  return signatures.length > 0 && signatures.every(({ result }) => result === "pass");
}

/** Checks the DKIM signatures of a whole message that came from an address. */
export type Verifier = (raw: Buffer, clientAddress: string) => Promise<readonly SignatureVerdict[]>;
