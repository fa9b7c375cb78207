import type { RuledProvider } from "./provider-rules.ts";

/** What the DNS shows of a record; null as long as nobody could say. */
export interface RecordFact {
  readonly isRight: boolean | null;
  /** What the last check said, in a sentence; empty before the first. */
  readonly sentence: string;
}

/** Of some messages, how many there is something true of. */
export interface Part {
  readonly count: number;
  readonly of: number;
}

/** How much of a domain's mail people marked as spam. */
export type Complaints =
  /** As a provider tells it: the share lies between these bounds, on the average of the days that it told of. */
  | { readonly kind: "told"; readonly lower: number; readonly upper: number; readonly days: number }
  /** As complaints were passed on one by one, which may not be all. */
  | ({ readonly kind: "passed-on" } & Part);

/** What was measured of the mail that a domain sends to one provider. */
export interface ProviderFacts {
  /** Most messages on one day; null where none was counted. */
  readonly peak: { readonly messages: number; readonly day: number } | null;
  /** Of what the provider took, what went over TLS. */
  readonly overTls: Part;
  /** Of what left, what Rspamd signed as the domain. */
  readonly signed: Part;
  /** Of what left, what has the domain of From in its signature or its envelope. */
  readonly aligned: Part;
  /** Of what goes to many by its own word, what is unsubscribed with one click under a signature. */
  readonly oneClick: Part;
  /** Of what left, what the spam filter found no fault with that RFC 5322 forbids; at most that many. */
  readonly wellFormed: Part;
  /** Null where no source says. */
  readonly complaints: Complaints | null;
}

/** Everything that the rules are judged by. */
export interface SenderFacts {
  readonly spf: RecordFact;
  readonly dkim: RecordFact;
  readonly dmarc: RecordFact;
  readonly domain: string;
  /** Bits of the smallest RSA key that signs, as it is published; null where none does. */
  readonly keyBits: number | null;
  /** What is wrong with names and addresses of the servers that send; null before anybody has looked. */
  readonly hostProblems: readonly { readonly serverId: string; readonly sentence: string }[] | null;
  readonly providers: Readonly<Record<RuledProvider, ProviderFacts>>;
}
