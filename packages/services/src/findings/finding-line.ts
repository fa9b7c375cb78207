import type { FindingSeverity } from "@mailstead/core/dns";
import { detailsOf, type FindingTopic, pageOf, topicOf } from "@mailstead/core/finding-kinds";
import type { FindingDetails, FixPage } from "@mailstead/core/findings";
import { type FindingSubject, findingSubject } from "../checks/index.ts";
import type { FindingRow } from "./read-open-rows.ts";

/** A finding of whatever kind, as lists show it. */
export interface FindingLine {
  readonly id: string;
  readonly severity: FindingSeverity;
  readonly sentence: string;
  readonly topic: FindingTopic;
  /** Where in the dashboard it is mended. */
  readonly page: FixPage;
  readonly subject: FindingSubject;
  /** Null for the whole organisation. */
  readonly tenantName: string | null;
  readonly details: FindingDetails;
  readonly openedAt: Date;
  readonly closedAt: Date | null;
  /** The event of many servers that it is a part of. */
  readonly partOf: string | null;
  readonly acknowledgedAt: Date | null;
  readonly acknowledgedBy: string | null;
  readonly snoozedUntil: Date | null;
}

/** The line of a row; what an earlier version kept without details gets those of its kind. */
export function lineOf(row: FindingRow): FindingLine {
  const { id, severity, key, sentence, tenantName, openedAt, closedAt, partOf } = row;
  const { acknowledgedAt, acknowledgedBy, snoozedUntil } = row;
  const details = row.details ?? detailsOf({ key, sentence });
  return {
    ...{ id, severity, sentence, tenantName, openedAt, closedAt, partOf },
    ...{ acknowledgedAt, acknowledgedBy, snoozedUntil, details },
    topic: topicOf(key),
    page: pageOf(key, details),
    subject: findingSubject(row),
  };
}
