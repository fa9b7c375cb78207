import type { JobOrder, JobOutcome, JobVerb } from "@mailstead/core/jobs";
import { reconnectDelayMs } from "@mailstead/core/wire";
import { type Random, randomBy } from "../exactly-once/random.ts";
import { type AgentScript, SimulatedAgent, type SimulatedAgentOptions } from "./agent.ts";
import { type Fault, type FaultShares, faultOf } from "./faults.ts";
import type { SimulatedIdentity } from "./identity.ts";
import { makeLyingScript } from "./lying.ts";
import { SimulatedHost } from "./simulated-host.ts";
import { SimulatedJournal } from "./simulated-journal.ts";
import { SimulatedTelemetry } from "./simulated-telemetry.ts";
import { type FleetTally, nothingYet } from "./tally.ts";
import { Timers } from "./timers.ts";

export interface FleetMember {
  /** Its place in the whole fleet, which decides about its fault. */
  readonly number: number;
  readonly identity: SimulatedIdentity;
}

export interface FleetOptions {
  readonly members: readonly FleetMember[];
  /** Address of the gateway when it is not the one that enrolment named. */
  readonly gatewayUrl?: () => string;
  readonly shares?: FaultShares;
  readonly seed?: number;
  /** Rows of counts that each host tells once a minute; 0 tells nothing. */
  readonly rowsPerMinute?: number;
  /** How often each host tells; a minute as real ones do, when left out. */
  readonly tellEveryMs?: number;
  /** The first connections are spread over this time. */
  readonly startWithinMs?: number;
  readonly socketOptions?: SimulatedAgentOptions["socketOptions"];
  /** Called as an order comes to its agent. */
  onOrder?(jobId: string): void;
}

/** Any number of simulated agents in this process, each with its fault. */
export interface Fleet {
  readonly agents: readonly SimulatedAgent[];
  tally(): FleetTally;
  /** How often each job was begun, of all that came. */
  starts(): ReadonlyMap<string, number>;
  close(): void;
}

const minuteMs = 60_000;
const workTakesMs = 1;

/** Starts a fleet; nobody is connected yet when it returns. */
export function openFleet(options: FleetOptions): Fleet {
  const tally: FleetTally = { ...nothingYet };
  const timers = new Timers();
  // Told by all, so that a liar has jobs of others to speak of.
  const heardJobIds: string[] = [];
  const members = options.members.map((member) =>
    openMember(member, { options, tally, heardJobIds, timers }),
  );
  return {
    agents: members.map(({ agent }) => agent),
    tally: () => ({
      ...tally,
      agents: members.length,
      connected: members.filter(({ agent }) => agent.isConnected).length,
      batchesSent: members.reduce((sum, { telemetry }) => sum + (telemetry?.sent ?? 0), 0),
      batchesStored: members.reduce((sum, { telemetry }) => sum + (telemetry?.stored ?? 0), 0),
    }),
    starts: () =>
      new Map(
        members.flatMap(({ agent }) =>
          agent.journal.history.map((job) => [job.order.jobId, job.starts] as const),
        ),
      ),
    close() {
      timers.end();
      for (const { agent, clone } of members) {
        agent.close();
        clone()?.close();
      }
    },
  };
}

interface Member {
  readonly agent: SimulatedAgent;
  readonly telemetry: SimulatedTelemetry | null;
  clone(): SimulatedAgent | null;
}

interface Place {
  readonly options: FleetOptions;
  readonly tally: FleetTally;
  readonly heardJobIds: string[];
  readonly timers: Timers;
}

function openMember({ number, identity }: FleetMember, place: Place): Member {
  const { options, tally, timers } = place;
  const { shares = {}, seed = 1, rowsPerMinute = 0, tellEveryMs = minuteMs, startWithinMs = 0 } = options;
  const fault = faultOf(shares, { seed, agentNumber: number });
  const random = randomBy(Math.imul(seed, 0x9e3779b1) + number);
  const host = new SimulatedHost(`mail${number}.fleet.example`);
  const base: Omit<SimulatedAgentOptions, "journal"> = {
    identity,
    heardMax: 0,
    hasPulse: true,
    reconnectAfterMs: (lost) => reconnectDelayMs({ ...lost, chance: random.next() }),
    ...(options.gatewayUrl === undefined ? {} : { gatewayUrl: options.gatewayUrl }),
    ...(options.socketOptions === undefined ? {} : { socketOptions: options.socketOptions }),
  };
  const agent = new SimulatedAgent({ ...base, journal: new SimulatedJournal() });
  const lie = fault.kind === "lying" ? fault.lie : null;
  const telemetry =
    rowsPerMinute === 0
      ? null
      : new SimulatedTelemetry({
          agentNumber: number,
          rowsPerMinute,
          lie,
          send: (frame) => agent.isConnected && agent.send(frame),
        });
  let clone: SimulatedAgent | null = null;
  const beginFault = () => {
    if (fault.kind === "flapping") flap({ agent, everyMs: fault.everyMs, random, place });
    if (fault.kind === "cloned")
      timers.after(fault.afterMs, () => {
        tally.clones += 1;
        clone = new SimulatedAgent({ ...base, journal: new SimulatedJournal() }).start();
      });
  };
  const script: AgentScript = {
    ...honestScript({ agent, host, fault, place }),
    onWelcome() {
      tally.welcomes += 1;
      if (agent.connections === 1) {
        agent.send({ type: "facts", facts: host.facts() });
        beginFault();
      }
      telemetry?.connected();
    },
    onLost() {
      tally.losses += 1;
    },
    onFrame(frame) {
      if (frame.type === "job") tally.orders += 1;
      else if (frame.type === "telemetry-stored") telemetry?.noteStored(frame);
      else if (frame.type === "refused" && frame.code === "busy") tally.busy += 1;
      else if (frame.type === "refused") tally.lockedOut += 1;
    },
    onConfirmed() {
      tally.confirmed += 1;
    },
  };
  agent.script = lie === null ? script : makeLyingScript(script, { agent, lie, place });
  timers.after(random.next() * startWithinMs, () => agent.start());
  if (telemetry !== null)
    // Spread over the minute, as clocks of hosts are.
    timers.after(random.next() * tellEveryMs, () => {
      telemetry.tell(Date.now());
      timers.every(tellEveryMs, () => telemetry.tell(Date.now()));
    });
  return { agent, telemetry, clone: () => clone };
}

interface Scripted {
  readonly agent: SimulatedAgent;
  readonly host: SimulatedHost;
  readonly fault: Fault;
  readonly place: Place;
}

function honestScript({ agent, host, fault, place }: Scripted): AgentScript {
  const { tally, options, heardJobIds, timers } = place;
  return {
    answer({ jobId }) {
      heardJobIds.push(jobId);
      if (heardJobIds.length > 100) heardJobIds.shift();
      options.onOrder?.(jobId);
      return { kind: "accept" };
    },
    async run({ order, starts }, tell) {
      tally.started += 1;
      if (starts > 1) tally.startedAgain += 1;
      if (fault.kind === "vanishing") {
        tally.vanished += 1;
        agent.leave(fault.awayMs);
      }
      await timers.wait(fault.kind === "slow" ? fault.takesMs : workTakesMs);
      const outcome = outcomeOf(order, { host, fault });
      tally[outcome.kind] += 1;
      if (outcome.kind === "succeeded") {
        if (tellsFacts.includes(order.verb)) agent.send({ type: "facts", facts: host.facts() });
        if (tellsObserved.includes(order.verb)) {
          tell("The host holds what it was ordered to.");
          agent.send({ type: "observed", report: host.observed() });
        }
      }
      return outcome;
    },
  };
}

const tellsFacts: readonly JobVerb[] = ["refresh-facts", "update-agent"];
const tellsObserved: readonly JobVerb[] = [
  "converge",
  "sync-directory",
  "update-agent",
  "apply-configuration",
  "restore-configuration",
];

function outcomeOf(order: JobOrder, { host, fault }: { host: SimulatedHost; fault: Fault }): JobOutcome {
  if (fault.kind === "failing")
    return {
      kind: "failed",
      problem: "The simulated host fails at whatever it is asked for.",
      retry: fault.retry,
    };
  return { kind: "succeeded", result: host.obey(order) };
}

function flap({
  agent,
  everyMs,
  random,
  place,
}: {
  agent: SimulatedAgent;
  everyMs: number;
  random: Random;
  place: Place;
}): void {
  place.timers.after(random.next() * 2 * everyMs, () => {
    agent.drop();
    flap({ agent, everyMs, random, place });
  });
}
