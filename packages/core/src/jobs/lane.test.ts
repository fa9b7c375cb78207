import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hasEnded, type JobEvent, type JobState, jobStateSchema, nextJobState } from "./job-state.ts";
import { chooseDeliverableJobs, jobsInFlightMax, type OpenJob } from "./lane.ts";

const lanes = ["change", "diagnostic"] as const;
const openStates = jobStateSchema.options.filter((state) => !hasEnded(state));

const openJobs = fc
  .uniqueArray(
    fc.record({
      sequence: fc.integer({ min: 1, max: 1000 }),
      lane: fc.constantFrom(...lanes),
      state: fc.constantFrom(...openStates),
      isSigned: fc.boolean(),
      isHeldBack: fc.boolean(),
    }),
    { selector: (job) => job.sequence, maxLength: 12 },
  )
  .map((jobs) => jobs.map((job): OpenJob => ({ ...job, id: `job-${job.sequence}` })));

describe("chooseDeliverableJobs", () => {
  it("never lets more jobs of a lane be with the agent than the lane allows", () => {
    fc.assert(
      fc.property(openJobs, (jobs) => {
        const chosen = chooseDeliverableJobs(jobs);
        for (const lane of lanes) {
          const inFlight = jobs.filter((job) => job.lane === lane && job.state !== "queued").length;
          const added = chosen.filter((job) => job.lane === lane).length;
          if (added > 0) expect(inFlight + added).toBeLessThanOrEqual(jobsInFlightMax[lane]);
        }
      }),
    );
  });

  it("never lets a job overtake an earlier one of its lane", () => {
    fc.assert(
      fc.property(openJobs, (jobs) => {
        const chosen = new Set(chooseDeliverableJobs(jobs).map((job) => job.id));
        for (const job of jobs.filter(({ id }) => chosen.has(id))) {
          const overtaken = jobs.filter(
            (other) =>
              other.lane === job.lane &&
              other.state === "queued" &&
              other.sequence < job.sequence &&
              !chosen.has(other.id),
          );
          expect(overtaken).toEqual([]);
        }
      }),
    );
  });

  it("sends only signed jobs that wait and that nothing holds back", () => {
    fc.assert(
      fc.property(openJobs, (jobs) => {
        for (const job of chooseDeliverableJobs(jobs)) {
          expect(job.state).toBe("queued");
          expect(job.isSigned).toBe(true);
          expect(job.isHeldBack).toBe(false);
        }
      }),
    );
  });

  it("sends the first signed change job of a free lane", () => {
    const jobs = [waiting("b", 2), waiting("a", 1), { ...waiting("c", 3), lane: "diagnostic" as const }];
    expect(chooseDeliverableJobs(jobs).map((job) => job.id)).toEqual(["a", "c"]);
  });

  it("holds the change lane while the fate of a job is unknown", () => {
    const jobs = [{ ...waiting("a", 1), state: "unknown" as const }, waiting("b", 2)];
    expect(chooseDeliverableJobs(jobs)).toEqual([]);
  });

  it("holds the change lane behind a job that must not be sent again before the journal was seen", () => {
    const jobs = [{ ...waiting("a", 1), isHeldBack: true }, waiting("b", 2)];
    expect(chooseDeliverableJobs(jobs)).toEqual([]);
  });
});

function waiting(id: string, sequence: number): OpenJob {
  return { id, sequence, lane: "change", state: "queued", isSigned: true, isHeldBack: false };
}

const jobEvents: fc.Arbitrary<JobEvent> = fc.oneof(
  fc.constantFrom<JobEvent>(
    { kind: "sent" },
    { kind: "delivery-lost" },
    { kind: "accepted" },
    { kind: "refused" },
    { kind: "started" },
    { kind: "contact-lost" },
    { kind: "journal-says-accepted" },
    { kind: "journal-says-running" },
    { kind: "journal-says-absent" },
    { kind: "deadline-passed" },
    { kind: "cancelled-by-person" },
  ),
  fc
    .constantFrom("succeeded" as const, "failed" as const, "cancelled" as const)
    .map((outcome): JobEvent => ({ kind: "ended", outcome })),
);

describe("nextJobState", () => {
  it("never leaves an end", () => {
    fc.assert(
      fc.property(fc.constantFrom(...jobStateSchema.options), jobEvents, (state, event) => {
        if (hasEnded(state)) expect(nextJobState(state, event)).toBeNull();
      }),
    );
  });

  it("never queues a job again once its agent was heard to have accepted it", () => {
    fc.assert(
      fc.property(fc.array(jobEvents, { maxLength: 30 }), (events) => {
        let state: JobState = "queued";
        let wasAccepted = false;
        for (const event of events) {
          const next = nextJobState(state, event);
          if (next === null) continue;
          state = next;
          if (state === "accepted" || state === "running") wasAccepted = true;
          if (wasAccepted) expect(state).not.toBe("queued");
          if (wasAccepted) expect(state).not.toBe("dispatched");
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("says unknown only of what an agent had accepted, and only when contact is lost", () => {
    fc.assert(
      fc.property(fc.constantFrom(...openStates), jobEvents, (state, event) => {
        if (nextJobState(state, event) !== "unknown") return;
        expect(["accepted", "running"]).toContain(state);
        expect(event.kind).toBe("contact-lost");
      }),
    );
  });

  it("leaves unknown by the agent's journal or by a result, and by nothing else", () => {
    fc.assert(
      fc.property(jobEvents, (event) => {
        if (nextJobState("unknown", event) === null) return;
        expect(["journal-says-accepted", "journal-says-running", "journal-says-absent", "ended"]).toContain(
          event.kind,
        );
      }),
    );
  });

  it("lets a deadline end only what waits: of what has left, the journal says whether it was done", () => {
    for (const state of openStates)
      expect(nextJobState(state, { kind: "deadline-passed" })).toBe(state === "queued" ? "timed-out" : null);
  });

  it("believes an agent's result in whatever state we thought the job was", () => {
    for (const state of openStates) {
      expect(nextJobState(state, { kind: "ended", outcome: "succeeded" })).toBe("succeeded");
    }
  });

  it("says unknown, not failed, when contact is lost while a job runs", () => {
    expect(nextJobState("running", { kind: "contact-lost" })).toBe("unknown");
    expect(nextJobState("accepted", { kind: "contact-lost" })).toBe("unknown");
    expect(nextJobState("dispatched", { kind: "contact-lost" })).toBe("queued");
  });
});

describe("a server's jobs over time", () => {
  interface Job {
    readonly sequence: number;
    readonly lane: OpenJob["lane"];
    state: JobState;
  }
  const moves = fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant("enqueue" as const), lane: fc.constantFrom(...lanes) }),
      fc.record({ kind: fc.constant("deliver" as const) }),
      fc.record({ kind: fc.constant("event" as const), job: fc.nat(), event: jobEvents }),
    ),
    { maxLength: 60 },
  );

  it("holds one change at a time, begun in the order in which they were asked for, whatever happens", () => {
    fc.assert(
      fc.property(moves, (steps) => {
        const jobs: Job[] = [];
        const firstSent: number[] = [];
        const openOf = (): OpenJob[] =>
          jobs
            .filter((job) => !hasEnded(job.state))
            .map((job) => ({ ...job, id: `${job.sequence}`, isSigned: true, isHeldBack: false }));
        for (const step of steps) {
          if (step.kind === "enqueue")
            jobs.push({ sequence: jobs.length + 1, lane: step.lane, state: "queued" });
          if (step.kind === "deliver")
            for (const chosen of chooseDeliverableJobs(openOf())) {
              const job = jobs[chosen.sequence - 1];
              if (!job) continue;
              job.state = nextJobState(job.state, { kind: "sent" }) ?? job.state;
              if (job.lane === "change" && !firstSent.includes(job.sequence)) firstSent.push(job.sequence);
            }
          const job = step.kind === "event" ? jobs[step.job % Math.max(jobs.length, 1)] : undefined;
          // An agent speaks only of jobs that were sent to it.
          if (step.kind === "event" && job && (job.state !== "queued" || firstSent.includes(job.sequence)))
            job.state = nextJobState(job.state, step.event) ?? job.state;
          const inFlight = openOf().filter((open) => open.lane === "change" && open.state === "dispatched");
          expect(inFlight.length).toBeLessThanOrEqual(1);
          expect(firstSent).toEqual(firstSent.toSorted((a, b) => a - b));
        }
      }),
      { numRuns: 500 },
    );
  });
});
