import { z } from "zod";
import { toldText } from "../text/index.ts";
import { normalIp } from "./ip-text.ts";

/** What a host tells of the reports that arrived there. No address of a person is in any of it. */

/** Most rows of one report in a batch; a longer report is told in parts. */
export const toldRowsMax = 500;
const failuresMax = 200;

const domain = toldText(253).overwrite((text) => text.toLowerCase());
// A row counts also where its address is written in a way that is not known here.
const address = z
  .union([z.ipv4(), z.ipv6()])
  .overwrite((text) => normalIp(text) ?? text)
  .nullable()
  .catch(null);
const count = z.int().nonnegative().max(1e12);
const second = z.int().nonnegative().max(8.64e12);
const word = toldText(60);

const toldRowSchema = z.object({
  sourceIp: address,
  count: count.positive(),
  disposition: z.enum(["none", "quarantine", "reject", "pass", "unknown"]).catch("unknown"),
  isDkimAligned: z.boolean(),
  isSpfAligned: z.boolean(),
  headerFrom: domain.nullable(),
  dkim: z.array(z.object({ domain, selector: toldText(100).nullable(), result: word })).max(4),
  spf: z.object({ domain, result: word }).nullable(),
  /** Why a receiver did not do what the policy says. */
  reasons: z.array(word).max(4),
});
/** Messages of one source that fared alike. */
export type ToldRow = z.infer<typeof toldRowSchema>;

const reportKey = {
  reporter: toldText(200),
  reportId: toldText(300),
  /** Parts of one report count from 0. */
  part: z.int().nonnegative().max(10_000),
  beginS: second,
  endS: second,
  domain,
};

const policy = z.enum(["none", "quarantine", "reject"]).nullable();

export const toldAggregateSchema = z.object({
  ...reportKey,
  policy,
  subdomainPolicy: policy,
  percent: z.number().min(0).max(100).nullable(),
  rows: z.array(toldRowSchema).max(toldRowsMax),
});
export type ToldAggregate = z.infer<typeof toldAggregateSchema>;

export const toldTlsFailureSchema = z.object({
  type: word,
  count,
  sendingIp: address,
  receivingHost: domain.nullable(),
  reason: toldText(400).nullable(),
});
export type ToldTlsFailure = z.infer<typeof toldTlsFailureSchema>;

const toldTlsSchema = z.object({
  ...reportKey,
  policyType: word,
  successes: count,
  failures: count,
  details: z.array(toldTlsFailureSchema).max(failuresMax),
});
/** One policy of a TLS report. */
export type ToldTls = z.infer<typeof toldTlsSchema>;

const toldFeedbackSchema = z.object({
  kind: z.enum(["failure", "complaint"]),
  /** A feedback type of the registry (RFC 5965 §7.3). */
  type: word,
  reporter: toldText(253),
  /** Whose the message may be, the surest first. */
  domains: z.array(domain).max(6),
  /** Milliseconds since 1970. */
  at: z.int().nonnegative().max(8.64e15),
  sourceIp: address,
  incidents: count.positive(),
  dkimDomain: domain.nullable(),
  dkimSelector: toldText(100).nullable(),
  feedbackId: toldText(200).nullable(),
  /** What failed, of an authentication failure (RFC 6591 §3). */
  failure: word.nullable(),
  /** Results by method, as spf: fail. */
  results: z.partialRecord(z.enum(["spf", "dkim", "dmarc", "arc"]), word).catch({}),
});
/** A complaint, or a message that did not prove its sender. */
export type ToldFeedback = z.infer<typeof toldFeedbackSchema>;

/** unread: kept on the host for a while. other: a mail that is no report. no-room: let go unread. */
export const reportTroubleKinds = ["unread", "other", "no-room"] as const;

const toldTroubleSchema = z.object({
  kind: z.enum(reportTroubleKinds),
  why: toldText(300),
  at: z.int().nonnegative().max(8.64e15),
  count: count.positive(),
});
export type ToldTrouble = z.infer<typeof toldTroubleSchema>;

/** What an agent tells of reports at once. Whatever an agent claims, only what has this shape is stored. */
export const reportBatchSchema = z.object({
  aggregates: z.array(toldAggregateSchema).max(20),
  tls: z.array(toldTlsSchema).max(100),
  feedback: z.array(toldFeedbackSchema).max(100),
  troubles: z.array(toldTroubleSchema).max(100),
});
export type ReportBatch = z.infer<typeof reportBatchSchema>;
