import type { ReportElement } from "@mailstead/core/reports";
import { XMLParser } from "fast-xml-parser";
import { decodeText } from "./decode-text.ts";
import { reportLimits } from "./report-limits.ts";

/** A report in XML: all but its records as a tree, and its records one by one. */
export interface XmlReport {
  readonly root: ReportElement;
  /** A text in place of a record says why it cannot be read. */
  readonly records: Iterable<ReportElement | string>;
  readonly notes: readonly string[];
}

/** Either the report, or one sentence on why it is not read. */
export type XmlReading = { kind: "read"; xml: XmlReport } | { kind: "refused"; why: string };

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: true,
  removeNSPrefix: true,
  parseTagValue: false,
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  trimValues: true,
  maxNestedTags: reportLimits.xmlDepthMax,
});

const recordStart = /<(?:[\w.-]{1,40}:)?record(?=[\s>])[^<>]{0,4000}>/gi;
const recordEnd = /<\/(?:[\w.-]{1,40}:)?record\s{0,20}>/gi;

/**
 * Reads a DMARC report from its bytes. No entity is ever looked up and a document type is refused, so nothing outside
 * the bytes is read and nothing grows. Records are parsed one at a time: a broken one costs itself only, and a report
 * that breaks off is read as far as it goes.
 */
export function readXmlReport(bytes: Uint8Array): XmlReading {
  const text = withoutComments(decodeXml(bytes));
  if (!/\S/.test(text)) return { kind: "refused", why: "the report is empty" };
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) {
    return { kind: "refused", why: "the report declares a document type, which no DMARC report has" };
  }
  const { pieces, around, isCutOff } = splitRecords(text);
  if (around.length > reportLimits.xmlPieceCharsMax) {
    return { kind: "refused", why: "the report holds too much outside its records" };
  }
  const strict = parseElement(around, true);
  const root = typeof strict === "string" ? parseElement(around, false) : strict;
  if (typeof root === "string") return { kind: "refused", why: `the report is no XML: ${root}` };
  const notes = [
    ...(isCutOff ? ["the report breaks off within a record"] : []),
    ...(typeof strict === "string" ? [`the report is malformed and read as far as it goes: ${strict}`] : []),
  ];
  return { kind: "read", xml: { root, records: parseRecords(pieces), notes } };
}

interface SplitReport {
  readonly pieces: readonly string[];
  readonly around: string;
  readonly isCutOff: boolean;
}

function splitRecords(text: string): SplitReport {
  const pieces: string[] = [];
  const around: string[] = [];
  let at = 0;
  while (true) {
    recordStart.lastIndex = at;
    const start = recordStart.exec(text);
    if (start === null) break;
    around.push(text.slice(at, start.index));
    recordEnd.lastIndex = recordStart.lastIndex;
    const end = recordEnd.exec(text);
    if (end === null) return { pieces, around: around.join(""), isCutOff: true };
    pieces.push(text.slice(start.index, recordEnd.lastIndex));
    at = recordEnd.lastIndex;
  }
  around.push(text.slice(at));
  return { pieces, around: around.join(""), isCutOff: false };
}

function* parseRecords(pieces: readonly string[]): Generator<ReportElement | string> {
  for (const piece of pieces) {
    yield piece.length > reportLimits.xmlPieceCharsMax ? "it is too long" : parseElement(piece, true);
  }
}

type Node = Record<string, unknown>;

function parseElement(xml: string, isStrict: boolean): ReportElement | string {
  try {
    const nodes: unknown = parser.parse(xml, isStrict);
    const elements = Array.isArray(nodes) ? nodes.flatMap((node) => toElement(node, 0)) : [];
    return (
      elements.find(({ name }) => name === "feedback" || name === "record") ??
      elements[0] ??
      "it has no element"
    );
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}

function toElement(node: Node, depth: number): ReportElement[] {
  const entry = Object.entries(node).find(([key, value]) => key !== ":@" && Array.isArray(value));
  if (entry === undefined || depth > reportLimits.xmlDepthMax) return [];
  const [name, inside] = entry as [string, Node[]];
  const text = inside.map((child) => (typeof child["#text"] === "string" ? child["#text"] : "")).join("");
  const children = inside.flatMap((child) => toElement(child, depth + 1));
  return [{ name: name.toLowerCase(), text: withEntities(text), children }];
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/** The five entities that every XML has; any other stays as it is written. */
function withEntities(text: string): string {
  return text.replaceAll(/&(lt|gt|amp|quot|apos);/g, (whole, name: string) => entities[name] ?? whole);
}

/** A record in a comment is none. */
function withoutComments(text: string): string {
  const pieces: string[] = [];
  let at = 0;
  while (true) {
    const open = text.indexOf("<!--", at);
    pieces.push(text.slice(at, open === -1 ? undefined : open));
    const close = open === -1 ? -1 : text.indexOf("-->", open + 4);
    if (close === -1) return pieces.join("");
    at = close + 3;
  }
}

/** By the encoding that the report declares where that is known, else by what the bytes are. */
function decodeXml(bytes: Uint8Array): string {
  const start = new TextDecoder("latin1").decode(bytes.subarray(0, 200));
  const label = /<\?xml[^>]{0,120}encoding\s?=\s?["']([\w.:-]{1,40})["']/.exec(start)?.[1]?.toLowerCase();
  if (label === undefined || label.startsWith("utf") || label === "unicode") return decodeText(bytes);
  try {
    return new TextDecoder(label).decode(bytes);
  } catch {
    return decodeText(bytes);
  }
}
