import type { AgentFrame, GatewayFrame } from "@mailstead/core/wire";
import type { SystemContext } from "@mailstead/services/context";
import type { AgentSession } from "@mailstead/services/enrolment";
import { type RecordedEnd, recordProgress, recordRefused } from "@mailstead/services/jobs";
import {
  readDirectoryChanges,
  readTargetDocument,
  readTargetPart,
  recordFacts,
  recordObserved,
} from "@mailstead/services/servers";
import type { GatewayContext } from "../gateway-context.ts";

/** What a frame led to, once its transaction has committed: only then is the agent told that something is stored. */
export interface Taken {
  readonly replies: readonly GatewayFrame[];
  readonly changedJobIds: readonly string[];
  readonly hasServerChanged: boolean;
  /** A lane may have room for the next job. */
  readonly hasFreedLane: boolean;
  readonly answeredJobId: string | null;
}

const nothing: Taken = {
  replies: [],
  changedJobIds: [],
  hasServerChanged: false,
  hasFreedLane: false,
  answeredJobId: null,
};

/**
 * Takes one frame of a known agent into the use case that it is about. Rejects when it could not be stored, with
 * ConnectionOverError when the connection is not the agent's any more.
 */
export async function takeIn(
  context: GatewayContext,
  session: AgentSession,
  frame: AgentFrame,
): Promise<Taken> {
  const ctx = { ...context.system(), connection: session };
  const { gatewayId, groups } = context;
  const { serverId } = session;
  switch (frame.type) {
    case "proof":
      return nothing;
    case "journal": {
      const { changedJobIds, cancelJobIds, hasWaiting } = await groups.recordJournal(ctx, {
        serverId,
        gatewayId,
        entries: frame.entries,
      });
      const replies = cancelJobIds.map((jobId) => ({ type: "cancel-job" as const, jobId }));
      const hasServerChanged = changedJobIds.length > 0;
      return { ...nothing, replies, changedJobIds, hasServerChanged, hasFreedLane: hasWaiting };
    }
    case "job-accepted": {
      const { jobId } = frame;
      const { hasChanged } = await groups.recordAccepted(ctx, { jobId, serverId, gatewayId });
      const changedJobIds = hasChanged ? [jobId] : [];
      return { ...nothing, changedJobIds, hasServerChanged: hasChanged, answeredJobId: jobId };
    }
    case "job-refused": {
      const { type: _, ...refusal } = frame;
      const { hasChanged } = await recordRefused(ctx, { ...refusal, serverId, gatewayId });
      const changedJobIds = hasChanged ? [frame.jobId] : [];
      return {
        ...nothing,
        changedJobIds,
        hasServerChanged: hasChanged,
        answeredJobId: frame.jobId,
        hasFreedLane: true,
      };
    }
    case "job-progress":
      return takeProgress(ctx, serverId, frame);
    case "job-ended":
      return toldOfEnd(
        frame,
        await groups.recordEnded(ctx, { jobId: frame.jobId, serverId, outcome: frame.outcome }),
      );
    case "facts":
      await recordFacts(ctx, { serverId, facts: frame.facts });
      return { ...nothing, hasServerChanged: true };
    case "observed":
      await recordObserved(ctx, { serverId, report: frame.report });
      return { ...nothing, hasServerChanged: true };
    case "telemetry": {
      const { type: _, batch, ...position } = frame;
      const { storedSequence, problem } = await context.telemetry.store(ctx, {
        ...position,
        batch,
        serverId,
      });
      if (problem !== null) context.log.warn({ serverId }, problem);
      return { ...nothing, replies: [{ type: "telemetry-stored", ...position, sequence: storedSequence }] };
    }
    case "target-state-request": {
      const { requestId, revision, from } = frame;
      const found =
        from === undefined
          ? { document: await readTargetDocument(ctx, { serverId, revision }) }
          : await readTargetPart(ctx, { serverId, revision, from });
      return { ...nothing, replies: [{ type: "target-state", requestId, ...(found ?? { document: null }) }] };
    }
    case "directory-request": {
      const { type: _, requestId, ...wanted } = frame;
      const page = await readDirectoryChanges(ctx, { serverId, ...wanted });
      return { ...nothing, replies: [{ type: "directory-changes", requestId, ...page }] };
    }
  }
}

type ProgressFrame = Extract<AgentFrame, { type: "job-progress" }>;
type EndFrame = Extract<AgentFrame, { type: "job-ended" }>;

async function takeProgress(
  ctx: SystemContext,
  serverId: string,
  { jobId, events }: ProgressFrame,
): Promise<Taken> {
  const stored = await recordProgress(ctx, { jobId, serverId, events });
  // Of a job that nobody knows any more, everything counts as stored, so that the agent may forget it.
  const number = stored.storedNumber ?? Math.max(...events.map((event) => event.number));
  return {
    ...nothing,
    replies: [{ type: "progress-stored", jobId, number }],
    changedJobIds: stored.hasChanged ? [jobId] : [],
    hasServerChanged: stored.hasStarted,
  };
}

function toldOfEnd({ jobId, progressNumber }: EndFrame, { hasChanged, storedNumber }: RecordedEnd): Taken {
  const isStoryWhole = storedNumber === null || storedNumber >= progressNumber;
  return {
    ...nothing,
    // The result itself is stored either way; unconfirmed, the agent sends what its story lacks and ends it again.
    replies: [
      isStoryWhole
        ? { type: "result-stored", jobId }
        : { type: "progress-stored", jobId, number: storedNumber },
    ],
    changedJobIds: hasChanged ? [jobId] : [],
    hasFreedLane: true,
    hasServerChanged: hasChanged,
  };
}
