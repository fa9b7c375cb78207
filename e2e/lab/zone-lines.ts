import { LabError } from "./command.ts";
import type { RecordSet } from "./dns-client.ts";
import { quoteText } from "./receivers/profiles.ts";

const line = /^(\S+?)\.?\s+(?:(\d+)\s+)?(?:IN\s+)?([A-Z]+[0-9]*)\s+(.+)$/;

/**
 * Reads records as people paste them: one per line in zone file form, class and time to live left out or not.
 * Lines of one name and type become one set. Comments and empty lines are skipped. Throws LabError, with its
 * number, for a line that is none.
 */
export function parseZoneLines(text: string): RecordSet[] {
  const sets = new Map<string, { name: string; type: string; records: string[] }>();
  for (const [index, raw] of text.split("\n").entries()) {
    const trimmed = raw.trim();
    if (trimmed === "" || trimmed.startsWith(";")) continue;
    const [, name, , type, value] = line.exec(trimmed) ?? [];
    if (!name || !type || !value)
      throw new LabError(`Line ${index + 1} is no record: ${trimmed.slice(0, 80)}`);
    const key = `${name.toLowerCase()} ${type}`;
    const set = sets.get(key) ?? { name: name.toLowerCase(), type, records: [] };
    set.records.push(type === "TXT" && !value.startsWith('"') ? quoteText(value) : value);
    sets.set(key, set);
  }
  return [...sets.values()];
}
