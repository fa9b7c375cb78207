import { setTimeout as pause } from "node:timers/promises";
import { getDomain } from "@mailstead/services/domains";
import { parseZoneLines } from "../lab/zone-lines.ts";
import { domainName, type TwoServerDomain } from "./two-server-domain.ts";

export interface Pasting {
  /** How often the DNS provider was not there to take the records. */
  readonly refusals: number;
  stop(): Promise<void>;
}

const lookEveryMs = 500;

/**
 * Keeps the DKIM records of the zone as the dashboard shows them, as a person does whose provider Mailstead does not
 * know: what is new is pasted, what is shown no more is deleted.
 */
export function startPasting({ lab, operator, domainId, recordTtlS }: TwoServerDomain): Pasting {
  let isOver = false;
  let refusals = 0;
  /** What the zone holds; at first whatever is shown, because all of it was pasted before. */
  let held: ReadonlyMap<string, string> | undefined;
  const pasteOnce = async (): Promise<void> => {
    const { records } = await getDomain(operator.ctx, { domainId });
    const lines = records.filter(({ purpose }) => purpose === "dkim").map((record) => record.zoneFileLine);
    const sets = parseZoneLines(lines.join("\n"));
    const wanted = new Map(sets.map((set) => [set.name, JSON.stringify(set.records)]));
    const before = held ?? wanted;
    held = before;
    const gone = [...before.keys()].filter((name) => !wanted.has(name));
    const changed = sets.filter(({ name }) => before.get(name) !== wanted.get(name));
    if (gone.length + changed.length === 0) return;
    await lab.dns.setRecords(domainName, [
      ...changed.map((set) => ({ ...set, ttl: recordTtlS })),
      ...gone.map((name) => ({ name, type: "TXT", records: [] })),
    ]);
    held = wanted;
  };
  const loop = (async () => {
    while (!isOver) {
      await pasteOnce().catch(() => {
        refusals += 1;
      });
      await pause(lookEveryMs);
    }
  })();
  return {
    get refusals() {
      return refusals;
    },
    async stop() {
      isOver = true;
      await loop;
    },
  };
}
