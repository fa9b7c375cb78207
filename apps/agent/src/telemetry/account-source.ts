import {
  type AccountAlert,
  accountThresholds,
  followAccount,
  type ToldAccount,
} from "@mailstead/core/accounts";
import { hostedAddressSchema } from "@mailstead/core/mailboxes";
import { type HeldAccount, readHeldAccounts } from "../accounts/held-accounts.ts";
import { holdAccount, holdQueued } from "../accounts/hold-account.ts";
import { vetoProblem } from "../jobs/owner-policy.ts";
import { pathExists } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { log } from "../platform/log.ts";
import { agentPaths } from "../platform/paths.ts";
import { readApplied } from "../reconcile/target-documents.ts";
import {
  forgetAccounts,
  readAccount,
  readLiveAccounts,
  type StoredAccount,
  writeAccount,
} from "./account-records.ts";
import { spoolBatches } from "./spool.ts";
import { inTransaction, withStore } from "./store.ts";
import type { TelemetrySource } from "./telemetry-source.ts";

export interface AccountSourceInput {
  readonly host: Host;
  readonly storePath: string;
  readonly directoryPath: string;
}

const accountsPerBatchMax = 500;

/**
 * Judges the accounts that have sent of late, holds those that surely are in a stranger's hands where the settings say so,
 * and tells what has changed. Nothing is held that the owner of the host forbids to hold.
 */
export function accountSource(input: AccountSourceInput): TelemetrySource {
  return {
    stream: "accounts",
    what: "how accounts send",
    everyMs: 60_000,
    async read() {
      if (!(await pathExists(input.directoryPath))) return { dropped: 0 };
      const judged = await judgeAll(input);
      await holdStolen(input, judged);
      return { dropped: await tell(input) };
    },
  };
}

/** Gives the accounts of which it is certain. */
function judgeAll({ host, storePath }: AccountSourceInput): Promise<string[]> {
  const now = host.nowUnixMs();
  return withStore(storePath, (database) =>
    inTransaction(database, () => {
      forgetAccounts(database, now);
      // Longer than what is judged, so that an hour that has passed is seen to have passed.
      return readLiveAccounts(database, now - 2 * accountThresholds.windowMs).flatMap((account) => {
        const { record, alert } = followAccount(account, now);
        const certain = alert?.certainty === "high" ? [account.address] : [];
        if (JSON.stringify(alert) === JSON.stringify(account.alert)) return certain;
        writeAccount(database, { ...account, alert, record });
        return certain;
      });
    }),
  );
}

async function holdStolen(input: AccountSourceInput, certain: readonly string[]): Promise<void> {
  const { host, directoryPath } = input;
  const held = new Set((await readHeldAccounts(directoryPath)).map(({ address }) => address));
  const wanted = certain.filter((address) => !held.has(address));
  if (wanted.length > 0 && (await mayHold(host)))
    for (const address of wanted) {
      const { messagesHeld } = await holdAccount(input, { address, by: "agent" });
      log("warning", `${address} is held: it sends as stolen accounts do; ${messagesHeld} messages wait`);
    }
  for (const { address } of await readHeldAccounts(directoryPath)) await holdQueued(input, address);
}

async function mayHold(host: Host): Promise<boolean> {
  const target = await readApplied(host);
  if (target?.stack.stolenAccounts !== "hold") return false;
  return (await vetoProblem(host.path(agentPaths.ownerPolicy), "hold-account")) === null;
}

/** Tells the whole of each account that is another than was told, in the transaction that notes that it was. */
async function tell({ host, storePath, directoryPath }: AccountSourceInput): Promise<number> {
  const held = new Map((await readHeldAccounts(directoryPath)).map((one) => [one.address, one]));
  const at = host.nowUnixMs();
  return withStore(storePath, (database) =>
    inTransaction(database, () => {
      const known = new Map(readLiveAccounts(database, at).map((account) => [account.address, account]));
      const told = [...new Set([...known.keys(), ...held.keys()])].flatMap((address) => {
        // One that a person holds may never have sent.
        const account = known.get(address) ?? readAccount(database, address) ?? unseen(address, at);
        const now = toldOf(account.address, { alert: account.alert, hold: held.get(address) ?? null });
        const isNothing = now === null || (now.alert === null && now.hold === null);
        const text = isNothing ? null : JSON.stringify(now);
        if (now === null || text === account.told) return [];
        writeAccount(database, { ...account, told: text });
        return [now];
      });
      const batches = Array.from({ length: Math.ceil(told.length / accountsPerBatchMax) }, (_, part) => ({
        at,
        accounts: told.slice(part * accountsPerBatchMax, (part + 1) * accountsPerBatchMax),
      }));
      return spoolBatches(database, "accounts", batches);
    }),
  );
}

function unseen(address: string, at: number): StoredAccount {
  return {
    address,
    record: { since: at, at, parts: [], days: [], known: [], networks: [] },
    alert: null,
    told: null,
  };
}

/** Null for a sign-in that is no mailbox of ours. */
function toldOf(
  address: string,
  { alert, hold }: { alert: AccountAlert | null; hold: HeldAccount | null },
): ToldAccount | null {
  const parsed = hostedAddressSchema.safeParse(address);
  if (!parsed.success) return null;
  return {
    address: parsed.data,
    alert: alert === null ? null : { since: alert.since, certainty: alert.certainty, signs: alert.signs },
    hold: hold === null ? null : { since: hold.since, by: hold.by, messages: hold.messages },
  };
}
