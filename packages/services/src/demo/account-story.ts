import type { AccountBatch } from "@mailstead/core/accounts";
import { hostedAddressSchema } from "@mailstead/core/mailboxes";
import type { ServiceContext } from "../context/index.ts";
import { findMailboxes } from "../mailboxes/index.ts";
import { getServer } from "../servers/index.ts";
import { storeTelemetry } from "../telemetry/index.ts";
import { epochOf } from "./delivery-story.ts";
import type { DemoServer } from "./fleet.ts";
import type { DemoStage } from "./tell-server.ts";

const minuteMs = 60_000;

/** Tells of a mailbox whose password was stolen, on the host that Outlook has blocked for it, and of one that is busy, on another. */
export async function tellAccounts(
  stage: DemoStage,
  { person, serverId, demo }: { person: ServiceContext; serverId: string; demo: DemoServer },
): Promise<void> {
  if (demo.trouble === undefined) return;
  const until = stage.clock.now.getTime();
  const told = accountOf(demo.trouble, until);
  if (told === null) return;
  const { domains } = await getServer(person, { serverId });
  const { mailboxes } = await findMailboxes(person, { domainId: domains[0]?.id, limit: 1 });
  const [mailbox] = mailboxes;
  if (mailbox === undefined) return;
  const batch: AccountBatch = {
    at: until,
    accounts: [{ address: hostedAddressSchema.parse(`${mailbox.localPart}@${mailbox.domainName}`), ...told }],
  };
  await storeTelemetry(stage.system, {
    serverId,
    stream: "accounts",
    epoch: epochOf(demo.hostname),
    sequence: 1,
    batch,
  });
}

function accountOf(
  trouble: NonNullable<DemoServer["trouble"]>,
  until: number,
): Omit<AccountBatch["accounts"][number], "address"> | null {
  if (trouble === "outlook-block")
    return {
      alert: {
        since: until - 9 * 60 * minuteMs,
        certainty: "high",
        signs: [
          { kind: "volume", measured: 287, of: 14 },
          { kind: "first-time", measured: 281, of: 287 },
          { kind: "networks", measured: 11, of: null },
          { kind: "bounces", measured: 96, of: 287 },
        ],
      },
      hold: { since: until - 9 * 60 * minuteMs, by: "agent", messages: 41 },
    };
  if (trouble === "gmail-rate")
    return {
      alert: {
        since: until - 50 * minuteMs,
        certainty: "possible",
        signs: [
          { kind: "volume", measured: 240, of: 31 },
          { kind: "first-time", measured: 214, of: 240 },
        ],
      },
      hold: null,
    };
  return null;
}
