import type { JobOrder, JobOutcome, ProgressBody, ProgressEvent } from "@mailstead/core/jobs";
import type { AgentFrame } from "@mailstead/core/wire";

export interface SimulatedJob {
  readonly order: JobOrder;
  state: "accepted" | "running" | "ended";
  /** How often it was begun; more than once is what must never happen. */
  starts: number;
  isCancelRequested: boolean;
  readonly events: ProgressEvent[];
  storedNumber: number;
  outcome: JobOutcome | null;
}

/** What a real agent keeps on disk: it outlives connections, and a restart of the simulated agent. */
export class SimulatedJournal {
  /** Jobs whose result the control plane has not confirmed. */
  readonly open = new Map<string, SimulatedJob>();
  /** Every job ever accepted, in the order of acceptance. */
  readonly history: SimulatedJob[] = [];
  sessionCounter = 0;

  accept(order: JobOrder): SimulatedJob {
    const job: SimulatedJob = {
      order,
      state: "accepted",
      starts: 0,
      isCancelRequested: false,
      events: [],
      storedNumber: 0,
      outcome: null,
    };
    this.open.set(order.jobId, job);
    this.history.push(job);
    return job;
  }

  addEvent(job: SimulatedJob, body: ProgressBody): ProgressEvent {
    const event = { number: job.events.length + 1, atUnixMs: Date.now(), body };
    job.events.push(event);
    return event;
  }

  /** The frame that greets a gateway. */
  greeting(): Extract<AgentFrame, { type: "journal" }> {
    const entries = [...this.open.values()].map(({ order, state, events }) => ({
      jobId: order.jobId,
      state,
      progressNumber: events.length,
    }));
    return { type: "journal", entries };
  }

  /** What becomes of an agent whose disk was put back to an earlier state. */
  lose(): void {
    this.open.clear();
  }
}
