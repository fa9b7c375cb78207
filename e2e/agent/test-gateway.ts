import {
  createHash,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  randomUUID,
  sign,
  verify,
} from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type EnrolResponse, enrolmentTokenPattern, enrolRequestSchema } from "@mailstead/core/enrolment";
import type { JobArgs, JobOrder, JobOutcome, JobVerb, ProgressEvent } from "@mailstead/core/jobs";
import { type DirectoryChange, directoryChangeText } from "@mailstead/core/mailboxes";
import {
  type HostFacts,
  type ObservedReport,
  type TargetState,
  targetPartLength,
} from "@mailstead/core/servers";
import { type AgentFrame, agentFrameSchema, type GatewayFrame, proofText } from "@mailstead/core/wire";
import { type WebSocket, WebSocketServer } from "ws";

/** A job as the test gateway knows it. */
export interface TrackedJob {
  readonly jobId: string;
  readonly verb: JobVerb;
  readonly signed: { order: string; signature: string; keyFingerprint: string };
  accepted: number;
  refused: { reason: string; sentence: string } | null;
  events: ProgressEvent[];
  outcome: JobOutcome | null;
}

export interface EnrolledAgent {
  agentId: string;
  serverId: string;
  publicKey: string;
  sealingPublicKey: string;
  counter: number;
  socket: WebSocket | null;
  facts: HostFacts | null;
  report: ObservedReport | null;
  journal: Extract<AgentFrame, { type: "journal" }> | null;
  sequence: number;
  jobs: Map<string, TrackedJob>;
  targets: Map<number, string>;
  directory: { epoch: number; changes: DirectoryChange[]; chain: string };
  /** What it told of its mail without being asked. */
  telemetry: Extract<AgentFrame, { type: "telemetry" }>[];
}

const directoryPageMax = 2000;

/** Speaks the agent's wire with real keys and signatures and holds everything in memory: an agent's other end in tests. */
export class TestGateway {
  readonly agents = new Map<string, EnrolledAgent>();
  readonly #tokens = new Map<string, { serverId: string; state: "fresh" | "used" | "expired" }>();
  readonly #signing = generateKeyPairSync("ed25519");
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  /** What agents are told to connect to. */
  publicUrl = "";
  /** Added to the time that a welcome tells. */
  clockShiftMs = 0;
  /** False leaves results unconfirmed, as a control plane that cannot store them does. */
  confirms = true;
  /** What it hands out besides, by path. */
  readonly downloads = new Map<string, Buffer | string>();
  refusesWith: Extract<GatewayFrame, { type: "refused" }> | null = null;

  constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.on("upgrade", (request, socket, head) => {
      this.#sockets.handleUpgrade(request, socket, head, (link) => this.#greet(link));
    });
  }

  async listen(port = 0): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
    const { port: bound } = this.#server.address() as AddressInfo;
    if (this.publicUrl === "") this.publicUrl = `http://127.0.0.1:${bound}`;
    return bound;
  }

  async close(): Promise<void> {
    this.cutLinks();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  cutLinks(): void {
    for (const agent of this.agents.values()) agent.socket?.terminate();
  }

  /** A token for a new server; `state` makes one that is refused. */
  makeToken(state: "fresh" | "used" | "expired" = "fresh"): { token: string; serverId: string } {
    const serverId = randomUUID();
    const token = `ms1.${randomBytes(16).toString("base64url")}.${this.#fingerprint("base64url")}`;
    this.#tokens.set(token, { serverId, state });
    return { token, serverId };
  }

  agentOf(serverId: string): EnrolledAgent {
    const agent = [...this.agents.values()].find((candidate) => candidate.serverId === serverId);
    if (agent === undefined) throw new Error(`no agent has enrolled for server ${serverId}`);
    return agent;
  }

  /** Stores a revision of the server's target state and gives the arguments of a converge to it. */
  setTarget(serverId: string, target: TargetState): { targetRevision: number; targetDigest: string } {
    const text = JSON.stringify(target);
    this.agentOf(serverId).targets.set(target.revision, text);
    return { targetRevision: target.revision, targetDigest: createHash("sha256").update(text).digest("hex") };
  }

  /** Appends to the server's directory and gives the arguments of a sync to its head. */
  changeDirectory(
    serverId: string,
    changes: readonly Omit<DirectoryChange, "revision">[],
  ): JobArgs<"sync-directory"> {
    const { directory } = this.agentOf(serverId);
    for (const body of changes) {
      const change = { ...body, revision: directory.changes.length + 1 };
      directory.changes.push(change);
      directory.chain = createHash("sha256")
        .update(directory.chain)
        .update(directoryChangeText(change))
        .digest("hex");
    }
    return { epoch: directory.epoch, revision: directory.changes.length, chain: directory.chain };
  }

  /** Signs an order and hands it over; `changes` falsify it. */
  order<V extends JobVerb>(
    serverId: string,
    { verb, args, ...changes }: { verb: V; args: JobArgs<V> } & Partial<JobOrder>,
    key: KeyObject = this.#signing.privateKey,
  ): TrackedJob {
    const agent = this.agentOf(serverId);
    agent.sequence += 1;
    const order: JobOrder = {
      formatVersion: 1,
      jobId: randomUUID(),
      serverId,
      sequence: agent.sequence,
      verb,
      args,
      issuedAtUnixMs: Date.now(),
      expiresAtUnixMs: Date.now() + 60 * 60_000,
      ...changes,
    };
    const text = JSON.stringify(order);
    const job: TrackedJob = {
      jobId: order.jobId,
      verb,
      signed: {
        order: text,
        signature: sign(null, Buffer.from(text), key).toString("base64"),
        keyFingerprint: this.#fingerprint("hex"),
      },
      accepted: 0,
      refused: null,
      events: [],
      outcome: null,
    };
    agent.jobs.set(order.jobId, job);
    this.send(serverId, { type: "job", job: job.signed });
    return job;
  }

  send(serverId: string, frame: GatewayFrame): void {
    this.agentOf(serverId).socket?.send(JSON.stringify(frame));
  }

  #fingerprint(encoding: "hex" | "base64url"): string {
    return createHash("sha256").update(Buffer.from(this.signingPublicKey, "base64")).digest(encoding);
  }

  /** The root of what its hosts trust. */
  get signingKey(): KeyObject {
    return this.#signing.privateKey;
  }

  get signingPublicKey(): string {
    return this.#signing.publicKey.export({ format: "der", type: "spki" }).subarray(-32).toString("base64");
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    const download = this.downloads.get(request.url ?? "");
    if (download !== undefined) return void response.writeHead(200).end(download);
    if (request.url !== "/agent/enrol") return void answer(404, {});
    const parsed = enrolRequestSchema.safeParse(JSON.parse(Buffer.concat(chunks).toString()));
    if (!parsed.success) return void answer(400, { code: "invalid", sentence: "The request is malformed." });
    const known = this.#tokens.get(parsed.data.token);
    if (known === undefined || !enrolmentTokenPattern.test(parsed.data.token))
      return void answer(404, {
        code: "token-unknown",
        sentence: "This token is not known; make a new one in the dashboard.",
      });
    if (known.state === "used")
      return void answer(409, {
        code: "token-used",
        sentence: "This token has been used; make a new one in the dashboard.",
      });
    if (known.state === "expired")
      return void answer(410, {
        code: "token-expired",
        sentence: "This token has expired; make a new one in the dashboard.",
      });
    known.state = "used";
    const agent: EnrolledAgent = {
      agentId: randomUUID(),
      serverId: known.serverId,
      publicKey: parsed.data.agentPublicKey,
      sealingPublicKey: parsed.data.sealingPublicKey,
      counter: 0,
      socket: null,
      facts: null,
      report: null,
      journal: null,
      sequence: 0,
      jobs: new Map(),
      targets: new Map(),
      directory: { epoch: 1, changes: [], chain: "" },
      telemetry: [],
    };
    this.agents.set(agent.agentId, agent);
    const response_: EnrolResponse = {
      agentId: agent.agentId,
      serverId: agent.serverId,
      gatewayUrl: `${this.publicUrl.replace(/^http/, "ws")}/agent/link`,
      signingPublicKey: this.signingPublicKey,
    };
    answer(200, response_);
  }

  #greet(socket: WebSocket): void {
    const nonce = randomBytes(24).toString("base64url");
    const say = (frame: GatewayFrame) => socket.send(JSON.stringify(frame));
    say({ type: "challenge", nonce });
    let agent: EnrolledAgent | null = null;
    socket.on("error", () => socket.terminate());
    socket.on("close", () => {
      if (agent?.socket === socket) agent.socket = null;
    });
    socket.on("message", (data) => {
      const frame = agentFrameSchema.parse(JSON.parse(String(data)));
      if (frame.type === "proof") {
        if (this.refusesWith !== null) return say(this.refusesWith);
        agent = this.agents.get(frame.agentId) ?? null;
        if (agent === null)
          return say({
            type: "refused",
            code: "unknown-agent",
            sentence: "This agent is not known.",
            retryAfterMs: 600_000,
          });
        const der = Buffer.concat([
          Buffer.from("302a300506032b6570032100", "hex"),
          Buffer.from(agent.publicKey, "base64"),
        ]);
        const isGood = verify(
          null,
          Buffer.from(proofText({ nonce, ...frame })),
          { key: der, format: "der", type: "spki" },
          Buffer.from(frame.signature, "base64"),
        );
        if (!isGood || frame.sessionCounter <= agent.counter) throw new Error("a proof was wrong");
        agent.counter = frame.sessionCounter;
        agent.socket = socket;
        return say({ type: "welcome", serverTimeUnixMs: Date.now() + this.clockShiftMs, protocolVersion: 1 });
      }
      if (agent !== null) this.#take(agent, frame, say);
    });
  }

  #take(agent: EnrolledAgent, frame: AgentFrame, say: (frame: GatewayFrame) => void): void {
    const job = "jobId" in frame ? agent.jobs.get(frame.jobId) : undefined;
    switch (frame.type) {
      case "journal":
        agent.journal = frame;
        // What was sent into a dying line never arrived.
        for (const { jobId, signed, outcome, refused } of agent.jobs.values())
          if (outcome === null && refused === null && frame.entries.every((entry) => entry.jobId !== jobId))
            say({ type: "job", job: signed });
        return;
      case "facts":
        agent.facts = frame.facts;
        return;
      case "observed":
        agent.report = frame.report;
        return;
      case "job-accepted":
        if (job) job.accepted += 1;
        return;
      case "job-refused":
        if (job) job.refused = { reason: frame.reason, sentence: frame.sentence };
        return;
      case "job-progress":
        if (!job) return;
        for (const event of frame.events) if (event.number === job.events.length + 1) job.events.push(event);
        if (this.confirms) say({ type: "progress-stored", jobId: frame.jobId, number: job.events.length });
        return;
      case "job-ended":
        if (job) job.outcome = frame.outcome;
        if (this.confirms) say({ type: "result-stored", jobId: frame.jobId });
        return;
      case "telemetry": {
        const { stream, epoch, sequence } = frame;
        agent.telemetry.push(frame);
        if (this.confirms) say({ type: "telemetry-stored", stream, epoch, sequence });
        return;
      }
      case "target-state-request": {
        const { requestId, revision, from = 0 } = frame;
        const text = agent.targets.get(revision) ?? null;
        const to = from + targetPartLength;
        const document = text?.slice(from, to) ?? null;
        say({ type: "target-state", requestId, document, hasMore: to < (text?.length ?? 0) });
        return;
      }
      case "directory-request": {
        const { changes, epoch } = agent.directory;
        const page = changes.slice(
          frame.afterRevision,
          Math.min(frame.upToRevision, frame.afterRevision + directoryPageMax),
        );
        const hasMore = frame.afterRevision + page.length < frame.upToRevision;
        say({ type: "directory-changes", requestId: frame.requestId, epoch, changes: page, hasMore });
      }
    }
  }
}
