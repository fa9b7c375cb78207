import { type ZoneRecord as ReadRecord, readZoneText } from "../dns/index.ts";
import { type HostedZone, zoneProblem } from "./hosted-zone.ts";
import { foldTypedRecord } from "./typed-record.ts";
import { isInZone, type ZoneRecord, zoneRecordSchema, zoneTtl } from "./zone-record.ts";

/** What is said of a line of a zone file before anything of it is written. */
export interface ImportNote {
  /** Counted from 1. */
  line: number;
  /** kept: Mailstead keeps this itself. left-out: it cannot be carried. changed: it is taken, and not quite as it stands. */
  what: "kept" | "left-out" | "changed";
  /** Name and type, as far as they could be read. */
  record: string | null;
  /** Null for what is kept, which needs no reason. */
  sentence: string | null;
}

export interface ZoneImportPlan {
  /** To become the people's own, in the order of the file. */
  take: ZoneRecord[];
  notes: ImportNote[];
}

/** A zone that the records of a file are to come into. */
export interface ZoneToImportInto extends Omit<HostedZone, "serial"> {
  /** Names at which a domain's DKIM key stands, and its value. */
  keys: readonly Pick<ZoneRecord, "name" | "value">[];
}

interface Candidate {
  line: number;
  record: ZoneRecord;
}

/**
 * Reads a zone file for a hosted zone: what can be carried is taken, and every line that is left out, kept by Mailstead
 * or changed is told with the reason. What is taken makes a zone together with what stands there.
 */
export function planZoneImport(text: string, zone: ZoneToImportInto): ZoneImportPlan {
  const { records, lines, problems } = readZoneText(text, { origin: zone.name });
  const notes: ImportNote[] = problems.map(({ line, problem }) => ({
    line,
    what: "left-out",
    record: null,
    sentence: problem,
  }));
  const candidates: Candidate[] = [];
  for (const [index, read] of records.entries()) {
    const line = lines[index] ?? 1;
    const judged = judge(read, zone);
    if (judged.record !== null) candidates.push({ line, record: judged.record });
    if (judged.note !== null) notes.push({ line, record: `${read.name} ${read.type}`, ...judged.note });
  }
  const { taken, refused } = fitting(candidates, zone);
  for (const { line, record, problem } of refused)
    notes.push({ line, what: "left-out", record: `${record.name} ${record.type}`, sentence: problem });
  return { take: taken.map(({ record }) => record), notes: notes.sort((a, b) => a.line - b.line) };
}

interface Judged {
  record: ZoneRecord | null;
  note: Pick<ImportNote, "what" | "sentence"> | null;
}

// RFC 4034, RFC 5155, RFC 7344: what the primary makes itself.
const keptTypes = ["SOA", "DNSKEY", "RRSIG", "NSEC", "NSEC3", "NSEC3PARAM", "CDS", "CDNSKEY", "ZONEMD"];

function judge(read: ReadRecord, zone: ZoneToImportInto): Judged {
  const { name, type, ttlSeconds } = read;
  const isNameServer = zone.nameServers.some((server) => server.name === name);
  const isKept =
    keptTypes.includes(type) ||
    (name === zone.name && (type === "NS" || type === "DS")) ||
    // Where the old zone said that its name servers are, which have the same names now.
    (isNameServer && (type === "A" || type === "AAAA"));
  if (isKept) return { record: null, note: { what: "kept", sentence: null } };
  if (!isInZone(name, zone.name)) return leftOut(`It does not lie in the zone ${zone.name}.`);
  const wanted = ttlSeconds ?? zoneTtl.usual;
  const ttl = Math.min(Math.max(wanted, zoneTtl.min), zoneTtl.max);
  const folded = foldTypedRecord(
    { name: `${name}.`, type, ttlSeconds: ttl, value: asTyped(read) },
    zone.name,
  );
  const parsed = zoneRecordSchema.safeParse(folded);
  if (!parsed.success) return leftOut(asSentence(parsed.error.issues[0]?.message ?? "It is no record"));
  const key = zone.keys.find((one) => one.name === name && one.value !== parsed.data.value);
  if (key !== undefined)
    return leftOut(
      "A domain's DKIM key stands there, and another record beside it would make signatures fail.",
    );
  const record = parsed.data;
  if (ttl === wanted) return { record, note: null };
  const bound = ttl > wanted ? `no time to live under ${zoneTtl.min} s` : `none over ${zoneTtl.max} s`;
  return {
    record,
    note: {
      what: "changed",
      sentence: `Its time to live becomes ${ttl} s instead of ${wanted} s: a zone that is hosted here has ${bound}.`,
    },
  };
}

function leftOut(sentence: string): Judged {
  return { record: null, note: { what: "left-out", sentence } };
}

function asSentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1).replace(/\.$/, "")}.`;
}

/** A text is quoted, so that its spaces and its own quotes are taken for what they are. */
function asTyped({ type, value }: ReadRecord): string {
  return type === "TXT" ? `"${value.replace(/["\\]/g, "\\$&")}"` : value;
}

/** Those that make a zone with what stands there; when not all of them do, each is tried by itself, in the order of the file. */
function fitting(
  candidates: readonly Candidate[],
  zone: ZoneToImportInto,
): { taken: readonly Candidate[]; refused: readonly (Candidate & { problem: string })[] } {
  const problemWith = (some: readonly Candidate[]) =>
    zoneProblem({ ...zone, serial: 1, records: [...zone.records, ...some.map(({ record }) => record)] });
  if (problemWith(candidates) === null) return { taken: candidates, refused: [] };
  const taken: Candidate[] = [];
  const refused: (Candidate & { problem: string })[] = [];
  // What a delegation allows is known once its name servers are.
  const delegationsFirst = candidates.toSorted(
    (a, b) => Number(b.record.type === "NS") - Number(a.record.type === "NS"),
  );
  for (const candidate of delegationsFirst) {
    const problem = problemWith([...taken, candidate]);
    if (problem === null) taken.push(candidate);
    else refused.push({ ...candidate, problem });
  }
  return { taken: taken.sort((a, b) => a.line - b.line), refused };
}
