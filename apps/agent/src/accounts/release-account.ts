import { clearAccount, confirmAccount } from "@mailstead/core/accounts";
import type { JobResult } from "@mailstead/core/jobs";
import { agentPaths } from "../platform/paths.ts";
import { readAccount, writeAccount } from "../telemetry/account-records.ts";
import { inTransaction, withStore } from "../telemetry/store.ts";
import { moveMessages } from "./account-queue.ts";
import {
  forgetHeldMessages,
  readHeldAccounts,
  readHeldMessages,
  removeHeldAccount,
} from "./held-accounts.ts";
import { type AccountInput, requireDirectory } from "./hold-account.ts";

/**
 * Lets an account send again, and the messages that were put on hold with it. What it sent until now is no sign any more, so
 * that only something new holds it again. Of an account that is not held it ends the alert, and what was sent under that is
 * usual from then on: a person has said that its owner sent it.
 */
export async function releaseAccount(
  { host, directoryPath }: AccountInput,
  address: string,
): Promise<JobResult<"release-account">> {
  await requireDirectory(directoryPath);
  const isHeld = (await readHeldAccounts(directoryPath)).some((one) => one.address === address);
  await withStore(host.path(agentPaths.telemetry), (database) =>
    inTransaction(database, () => {
      const known = readAccount(database, address);
      if (known === null) return;
      const { record: before, alert } = known;
      // Without an alert the order is tried again, after what was held had been let go.
      const record =
        isHeld || alert === null
          ? clearAccount(before, host.nowUnixMs())
          : confirmAccount(before, alert.since);
      writeAccount(database, { ...known, record, alert: null });
    }),
  );
  await removeHeldAccount(directoryPath, address);
  const queueIds = await readHeldMessages(directoryPath, address);
  await moveMessages(host, { to: "queue", queueIds });
  await forgetHeldMessages(directoryPath, queueIds);
  return { messagesReleased: queueIds.length };
}
