import {
  type ListQuestions,
  planQuestions,
  roundBatches,
  type SpamhausAccess,
  type ToldAnswer,
} from "@mailstead/core/block-lists";
import { isOfFamilies, type TargetState } from "@mailstead/core/servers";
import { z } from "zod";
import { askRound } from "../block-lists/ask-round.ts";
import { type ListResolver, openListResolver } from "../block-lists/list-resolver.ts";
import { sendingAddresses } from "../block-lists/sending-addresses.ts";
import { openSealedSecret, type RawKeyPair } from "../link/keys.ts";
import { ownAddresses } from "../observe/own-addresses.ts";
import type { Host } from "../platform/host.ts";
import { readApplied } from "../reconcile/target-documents.ts";
import { keepStream, readStreamState } from "./stream-state.ts";
import type { TelemetrySource } from "./telemetry-source.ts";

const minuteMs = 60_000;
/** Owners of lists want no address asked about more often; the spread keeps a fleet from asking in step. */
export const roundEveryMs = { min: 30 * minuteMs, max: 60 * minuteMs } as const;

const stateSchema = z.object({
  nextAt: z.number(),
  /** What was said of Spamhaus when it was asked last, so that a new key is tried soon. */
  settings: z.string(),
});

export interface BlockListSourceInput {
  readonly host: Host;
  readonly storePath: string;
  readonly sealingKeys: RawKeyPair;
  readonly resolver?: ListResolver;
  readonly addresses?: () => readonly string[];
  /** From 0 up to 1. */
  readonly chance?: () => number;
}

/**
 * Asks block lists about this host once its mail stack is installed. A round goes on beside the other sources, because a
 * list that is silent may take a minute; what it came to is kept at the turn after it has ended.
 */
export function blockListSource({
  host,
  storePath,
  sealingKeys,
  resolver = openListResolver(),
  addresses = ownAddresses,
  chance = Math.random,
}: BlockListSourceInput): TelemetrySource {
  let round: { at: number; state: string; answers: readonly ToldAnswer[] | null } | null = null;

  /** The next round is noted before this one begins, so that an agent that is killed in it asks nobody twice. */
  async function begin(target: TargetState, settings: string): Promise<void> {
    const at = host.nowUnixMs();
    const nextAt = at + roundEveryMs.min + Math.floor(chance() * (roundEveryMs.max - roundEveryMs.min));
    const state = JSON.stringify({ nextAt, settings });
    await keepStream(storePath, "block-lists", { state, batches: [] });
    const begun: NonNullable<typeof round> = { at, state, answers: null };
    round = begun;
    planOf(target)
      .then((plan) => askRound(plan, resolver))
      .then(
        (answers) => {
          begun.answers = answers;
        },
        () => {
          // The next round asks again.
          round = null;
        },
      );
  }

  async function planOf(target: TargetState): Promise<ListQuestions[]> {
    const sending = await sendingAddresses({ hostname: target.hostname, addresses: addresses() }, resolver);
    return planQuestions({
      addresses: sending.filter(isOfFamilies(target.stack.ipFamilies)),
      names: [...new Set([target.hostname, ...target.domains.map(({ name }) => name)])],
      spamhaus: readAccess(target, sealingKeys),
      abusix: openKey(target.blockLists.abusix, sealingKeys),
    });
  }

  return {
    stream: "block-lists",
    what: "what block lists say of this host",
    everyMs: minuteMs,
    async read() {
      if (round !== null) {
        const { at, state, answers } = round;
        if (answers === null) return { dropped: 0 };
        const dropped = await keepStream(storePath, "block-lists", {
          state,
          batches: roundBatches(at, answers),
        });
        round = null;
        return { dropped };
      }
      const target = await readApplied(host);
      if (target === null) return { dropped: 0 };
      const settings = settingsOf(target);
      const known = stateSchema.safeParse(
        JSON.parse((await readStreamState(storePath, "block-lists")) ?? "null"),
      );
      const now = host.nowUnixMs();
      const waitMs = known.success ? known.data.nextAt - now : 0;
      // A clock that was put back must not silence this for years.
      const isWaiting = waitMs > 0 && waitMs <= roundEveryMs.max;
      if (!isWaiting || (known.success && known.data.settings !== settings)) await begin(target, settings);
      return { dropped: 0 };
    },
  };
}

/** Tells one key from another by its sealed text, of which nothing can be opened. */
function settingsOf({ blockLists: { spamhaus, abusix } }: TargetState): string {
  const nameOf = ({ box }: { box: string }) => `key ${box.slice(0, 44)}`;
  const ofSpamhaus = spamhaus.kind === "key" ? nameOf(spamhaus.key) : spamhaus.kind;
  return abusix === null ? ofSpamhaus : `${ofSpamhaus}, Abusix ${nameOf(abusix)}`;
}

function readAccess({ blockLists: { spamhaus } }: TargetState, sealingKeys: RawKeyPair): SpamhausAccess {
  if (spamhaus.kind !== "key") return spamhaus;
  const key = openKey(spamhaus.key, sealingKeys);
  return key === null ? { kind: "none" } : { kind: "key", key };
}

function openKey(sealed: { box: string } | null, sealingKeys: RawKeyPair): string | null {
  if (sealed === null) return null;
  try {
    return openSealedSecret(sealed.box, sealingKeys);
  } catch {
    // Sealed for the agent before this one: the next revision brings it anew, and the other lists can be asked.
    return null;
  }
}
