import { setImmediate } from "node:timers/promises";
import {
  type AggregateRecord,
  type AggregateReport,
  aggregateRecordsMax,
  parseAggregateRecord,
  parseAggregateReport,
  parseTlsReport,
  type ReportElement,
  type TlsReport,
} from "@mailstead/core/reports";
import { decodeText } from "./decode-text.ts";
import { readXmlReport } from "./read-xml.ts";
import { reportLimits } from "./report-limits.ts";
import { newUnpackBudget, type UnpackBudget, type UnpackedFile, unpack } from "./unpack.ts";

const recordsAtOnce = 100;

/** A report that arrived as a file, with what had to be overlooked to read it. */
export type FileReport =
  | { readonly kind: "dmarc-aggregate"; readonly report: AggregateReport; readonly notes: readonly string[] }
  | { readonly kind: "tls"; readonly report: TlsReport; readonly notes: readonly string[] };

/** What a file holds: reports, or one sentence on why none; `other` is a file that is no report and claims to be none. */
export type FileReading =
  | { readonly kind: "reports"; readonly reports: readonly FileReport[] }
  | { readonly kind: "other" }
  | { readonly kind: "refused"; readonly why: string };

/** Reads a file that may hold DMARC or TLS reports, packed or not. Never throws. */
export async function readReportFile(
  file: UnpackedFile,
  budget: UnpackBudget = newUnpackBudget(),
): Promise<FileReading> {
  const unpacked = await unpack(file, budget);
  if (unpacked.kind === "refused") return unpacked;
  const readings: FileReading[] = [];
  for (const one of unpacked.files) readings.push(await readOne(one));
  const reports = readings.flatMap((reading) => (reading.kind === "reports" ? reading.reports : []));
  if (reports.length > 0) return { kind: "reports", reports };
  return readings.find(({ kind }) => kind === "refused") ?? { kind: "other" };
}

async function readOne({ name, bytes }: UnpackedFile): Promise<FileReading> {
  try {
    const first = firstCharacter(bytes);
    if (first === "<") return await readAggregate(bytes);
    if (first === "{") return readTls(bytes);
    if (bytes.byteLength === 0) return { kind: "refused", why: "the report is empty" };
    const isCalledReport = /\.(?:xml|json)$/i.test(name);
    return isCalledReport ? { kind: "refused", why: "the file is neither XML nor JSON" } : { kind: "other" };
  } catch (cause) {
    return {
      kind: "refused",
      why: `the report cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
    };
  }
}

async function readAggregate(bytes: Uint8Array): Promise<FileReading> {
  const reading = readXmlReport(bytes);
  if (reading.kind === "refused") return reading;
  const { root, records, notes } = reading.xml;
  const parsed = parseAggregateReport(root, await readRecords(records));
  if (parsed.kind === "refused") return parsed;
  return {
    kind: "reports",
    reports: [{ kind: "dmarc-aggregate", report: parsed.report, notes: [...notes, ...parsed.notes] }],
  };
}

/** A large report takes seconds: everything else that the agent does goes on in between. */
async function readRecords(records: Iterable<ReportElement | string>): Promise<(AggregateRecord | string)[]> {
  const read: (AggregateRecord | string)[] = [];
  for (const record of records) {
    read.push(typeof record === "string" ? record : parseAggregateRecord(record));
    if (read.length % recordsAtOnce === 0) await setImmediate();
    if (read.length > aggregateRecordsMax) break;
  }
  return read;
}

function readTls(bytes: Uint8Array): FileReading {
  if (bytes.byteLength > reportLimits.tlsReportBytesMax) {
    return { kind: "refused", why: `the TLS report has ${bytes.byteLength} bytes, more than are read` };
  }
  const parsed = parseTlsReport(JSON.parse(decodeText(bytes)));
  if (parsed.kind === "refused") return parsed;
  return { kind: "reports", reports: [{ kind: "tls", report: parsed.report, notes: parsed.notes }] };
}

function firstCharacter(bytes: Uint8Array): string {
  return decodeText(bytes.subarray(0, 256)).replace(/^[\s\ufeff]+/, "")[0] ?? "";
}
