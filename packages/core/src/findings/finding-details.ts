import { z } from "zod";
import {
  type FixOwner,
  type ProviderId,
  providers,
  type ReplyCategory,
  replyCategories,
} from "../delivery/index.ts";

/** Who has to act: as a reply says it, or the customer, whose DNS, registrar or other service it is. */
export type FindingOwner = FixOwner | "customer";
export const findingOwners = [
  "us-configuration",
  "us-behaviour",
  "customer",
  "them",
  "recipient",
  "server-provider",
] as const satisfies FindingOwner[];

/** Settings with an expiry that take the edge off a condition at one receiver. */
export const measureKinds = ["back-off", "throttle", "relay", "prefer-ipv4"] as const;

const findingMeasureSchema = z.object({
  measure: z.enum(measureKinds),
  provider: z.enum(Object.keys(providers) as [ProviderId, ...ProviderId[]]),
});
/** The measure that fits, which a person may start with one click. */
export type FindingMeasure = z.infer<typeof findingMeasureSchema>;

const moment = z.int().nonnegative();
const figuresSchema = z.object({
  count: z.int(),
  of: z.int(),
  /** Of the count, how many for good. */
  refused: z.int(),
  lower: z.number(),
  upper: z.number(),
  firstAt: moment,
  lastAt: moment,
  lastDeliveredAt: moment.nullable(),
});

/** Whose doing it most likely is that many servers are refused at once. */
export const fleetCauses = ["their-change", "our-network", "our-customer", "our-change", "unknown"] as const;
export type FleetCause = (typeof fleetCauses)[number];

/**
 * What a finding carries beside its sentence: evidence, who has to act, what to do in numbered words, and the measure that
 * fits. Moments in the evidence are marked (`momentMark`). Stored with the finding and parsed when it is read.
 */
export const findingDetailsSchema = z.object({
  category: z.enum(Object.keys(replyCategories) as [ReplyCategory, ...ReplyCategory[]]).nullable(),
  provider: z.enum(Object.keys(providers) as [ProviderId, ...ProviderId[]]).nullable(),
  owner: z.enum(findingOwners),
  why: z.string(),
  evidence: z.array(z.string()),
  fix: z.object({
    steps: z.array(z.string()),
    measure: findingMeasureSchema.nullable(),
    /** What to paste, whole: a record, or a command for the host. */
    record: z.string().exactOptional(),
  }),
  /** Page under docs/runbooks, with the part of it. */
  runbook: z.string(),
  /** What the receiver said, with nobody's address. */
  reply: z.string().nullable(),
  figures: figuresSchema.nullable(),
  /** Of many servers at once: which, since when each, and whose doing it is. */
  fleet: z
    .object({
      cause: z.enum(fleetCauses),
      serverIds: z.array(z.string()),
      /** Servers that wrote to this receiver in that time. */
      activeServers: z.int(),
    })
    .nullable(),
});
export type FindingDetails = z.infer<typeof findingDetailsSchema>;

/** Reads details as they were stored; null where there are none or this version does not know their shape. */
export function readFindingDetails(stored: unknown): FindingDetails | null {
  return findingDetailsSchema.safeParse(stored).data ?? null;
}
