import { judgeRecord, type PlannedRecord, type RecordVerdict } from "@mailstead/core/dns";
import { askAuthorities } from "./ask-authorities.ts";
import { type Authority, findAuthorities } from "./find-authorities.ts";
import { DnsQueryError, type NameServerAddress } from "./query-name-server.ts";

export interface CheckedRecord {
  record: PlannedRecord;
  verdict: RecordVerdict;
}

export type RecordCheck =
  | { kind: "checked"; records: CheckedRecord[] }
  /** Nothing can be said of any record, so this is one finding and not one per record. */
  | { kind: "resolver-silent"; sentence: string };

/**
 * Asks the authoritative servers of every zone involved for each planned record, past all caches, and judges the answers.
 * Never throws for what the network does.
 */
export async function checkRecords(
  records: readonly PlannedRecord[],
  resolver: NameServerAddress,
): Promise<RecordCheck> {
  const authoritiesOf = new Map<string, Promise<Authority[]>>();
  const find = (name: string) => {
    const found = authoritiesOf.get(name) ?? findAuthorities(name, resolver);
    authoritiesOf.set(name, found);
    return found;
  };
  try {
    return {
      kind: "checked",
      records: await Promise.all(
        records.map(async (record) => {
          const authorities = await find(record.name);
          const answers = await askAuthorities(authorities, { name: record.name, type: record.type });
          return { record, verdict: judgeRecord(record, answers) };
        }),
      ),
    };
  } catch (cause) {
    if (!(cause instanceof DnsQueryError)) throw cause;
    return {
      kind: "resolver-silent",
      sentence: `The resolver that Mailstead asks does not answer (${cause.message}), so no record could be checked. Try again in a minute.`,
    };
  }
}
