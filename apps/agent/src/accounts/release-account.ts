import { clearAccount } from "@mailstead/core/accounts";
import type { JobResult } from "@mailstead/core/jobs";
import { agentPaths } from "../platform/paths.ts";
import { readAccount, writeAccount } from "../telemetry/account-records.ts";
import { inTransaction, withStore } from "../telemetry/store.ts";
import { moveMessages } from "./account-queue.ts";
import { forgetHeldMessages, readHeldMessages, removeHeldAccount } from "./held-accounts.ts";
import { type AccountInput, requireDirectory } from "./hold-account.ts";

/**
 * Lets an account send again, and the messages that were put on hold with it. What it sent until now is no sign any more, so
 * that only something new holds it again. An account that is not held ends its alert in the same way.
 */
export async function releaseAccount(
  { host, directoryPath }: AccountInput,
  address: string,
): Promise<JobResult<"release-account">> {
  await requireDirectory(directoryPath);
  await withStore(host.path(agentPaths.telemetry), (database) =>
    inTransaction(database, () => {
      const known = readAccount(database, address);
      if (known !== null)
        writeAccount(database, {
          ...known,
          record: clearAccount(known.record, host.nowUnixMs()),
          alert: null,
        });
    }),
  );
  await removeHeldAccount(directoryPath, address);
  const queueIds = await readHeldMessages(directoryPath, address);
  await moveMessages(host, { to: "queue", queueIds });
  await forgetHeldMessages(directoryPath, queueIds);
  return { messagesReleased: queueIds.length };
}
