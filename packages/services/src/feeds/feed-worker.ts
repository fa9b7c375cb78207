import { randomInt } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { Database, Installation } from "../context/index.ts";
import type { RecordPublisher } from "../dns/index.ts";
import type { SecretOpener } from "../secrets/index.ts";
import { googleApiUrl } from "./google-client.ts";
import { googleTokenUrl } from "./google-token.ts";

/** What reading feeds works with; only the worker has it all. */
export interface FeedWorker {
  readonly app: Database;
  readonly installation: Installation;
  readonly opener: SecretOpener;
  readonly publisher: RecordPublisher;
  readonly net: FeedNet;
}

/** The world outside; a test has one of its own. */
export interface FeedNet {
  readonly googleApiUrl: string;
  readonly googleTokenUrl: string;
  /** Where a link of SNDS leads. */
  followLink(link: string): string;
  wait(ms: number): Promise<void>;
  /** From 0 to 1. */
  chance(): number;
}

export const worldNet: FeedNet = {
  googleApiUrl,
  googleTokenUrl,
  followLink: (link) => link,
  wait: (ms) => setTimeout(ms),
  chance: () => randomInt(1_000) / 1_000,
};
