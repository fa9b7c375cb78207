import { inGroups } from "@mailstead/services/context";
import { openAgentSessions } from "@mailstead/services/enrolment";
import {
  recordAllAccepted,
  recordAllEnded,
  recordJournals,
  takeJobsForDelivery,
} from "@mailstead/services/jobs";

export type Groups = ReturnType<typeof openGroups>;

/** Bounds for how long the first of a group waits for the others. */
const lengthMax = 64;

/**
 * What agents of this gateway ask for by the thousand, done together where it comes at the same time: when the whole fleet
 * connects anew, and while a change goes over it. Each transaction costs the database as much as many rows.
 */
export function openGroups() {
  return {
    openSession: inGroups({
      together: openAgentSessions,
      nameOf: ({ proof }) => proof.agentId,
      groupsMax: 2,
      lengthMax,
    }),
    recordJournal: inGroups({
      together: recordJournals,
      nameOf: ({ serverId }) => serverId,
      groupsMax: 2,
      lengthMax,
    }),
    takeJob: inGroups({
      together: takeJobsForDelivery,
      nameOf: ({ serverId }) => serverId,
      groupsMax: 2,
      lengthMax,
    }),
    // By the job, since an agent may speak of one that is not its own.
    recordAccepted: inGroups({
      together: recordAllAccepted,
      nameOf: ({ jobId }) => jobId,
      groupsMax: 2,
      lengthMax,
    }),
    recordEnded: inGroups({
      together: recordAllEnded,
      nameOf: ({ jobId }) => jobId,
      groupsMax: 2,
      lengthMax,
    }),
  };
}
