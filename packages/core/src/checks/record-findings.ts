import {
  type FindingSeverity,
  type NameServerAnswer,
  type PlannedRecord,
  type RecordVerdict,
  zoneFileLine,
} from "../dns/index.ts";
import type { FindingOwner } from "../findings/index.ts";
import type { SeenFinding, ToldOfFinding } from "./finding-changes.ts";

const severities: Record<PlannedRecord["level"], FindingSeverity> = {
  required: "error",
  recommended: "warning",
  optional: "instruction",
};

/** What makes a record the same one in two checks: an address is one of several, all else is one of its name. */
export function recordKey({ purpose, type, name, value }: PlannedRecord): string {
  return `record ${purpose} ${type} ${name}${purpose === "host-address" ? ` ${value}` : ""}`.toLowerCase();
}

/** What a verdict on a record is to a person, or null when all is right or nobody could be asked. */
export function findingOfRecord(record: PlannedRecord, verdict: RecordVerdict): SeenFinding | null {
  const what = `${record.type} ${record.name}: ${verdict.sentence}`;
  switch (verdict.kind) {
    case "ok":
    case "unanswered":
      return null;
    case "attention":
    case "disagreeing":
      return { key: recordKey(record), severity: "warning", sentence: what, told: toldOf(record, verdict) };
    case "missing":
    case "different":
      return {
        key: recordKey(record),
        severity: severities[record.level],
        sentence: what,
        told: toldOf(record, verdict),
      };
  }
}

const owners: Record<PlannedRecord["publishedAt"], FindingOwner> = {
  "domain-dns": "customer",
  "host-dns": "us-configuration",
  "address-provider": "server-provider",
  "delegated-dns": "us-configuration",
};
const publish = "Publish the line below, then look again.";
const fixes = {
  attention: "Read what is said of the record, and change it if that is not meant so.",
  disagreeing:
    "Wait some minutes after a change. If it lasts, have whoever runs the late name server see why it does not follow.",
  missing: publish,
  different: "Put the line below in the place of what stands there, then look again.",
} as const;

function toldOf(record: PlannedRecord, verdict: RecordVerdict): ToldOfFinding {
  const { kind, answers, evidence = [], readyValue = record.value } = verdict;
  const isToPublish = kind === "missing" || kind === "different";
  const atProvider = record.publishedAt === "address-provider";
  return {
    evidence: [...answers.map(answerWords), ...evidence],
    why: verdict.effect ?? record.withoutIt,
    fix:
      atProvider && isToPublish
        ? "Set it at the provider that rents out the address, then look again."
        : fixes[isToPublish || kind === "attention" ? kind : "disagreeing"],
    owner: owners[record.publishedAt],
    ...(isToPublish ? { record: zoneFileLine({ ...record, value: readyValue }) } : {}),
  };
}

function answerWords({ nameServer, address, ...answer }: NameServerAnswer): string {
  const who = `${nameServer} (${address})`;
  switch (answer.kind) {
    case "answered":
      return `${who}: ${answer.values.join("; ") || "nothing"}`;
    case "alias":
      return `${who}: an alias of ${answer.target}`;
    case "failed":
      return `${who}: no answer, ${answer.problem}`;
  }
}
