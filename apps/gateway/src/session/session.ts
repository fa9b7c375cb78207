import { randomBytes } from "node:crypto";
import type { Delivery, SignedJob } from "@mailstead/core/jobs";
import { type AgentFrame, protocolVersion } from "@mailstead/core/wire";
import { jobChannel, serverChannel } from "@mailstead/services/bus";
import { ConnectionOverError } from "@mailstead/services/context";
import { type AgentSession, closeAgentSession } from "@mailstead/services/enrolment";
import type { WebSocket } from "ws";
import { askToDismiss } from "../control-messages.ts";
import type { GatewayContext } from "../gateway-context.ts";
import { AgentSocket, closeCodes } from "./agent-socket.ts";
import { type Taken, takeIn } from "./intake.ts";
import type { SessionRegistry } from "./registry.ts";

type State =
  | { kind: "proving"; nonce: string }
  /** Welcome was said; until the agent's journal has come nobody knows what it holds, so nothing is delivered. */
  | { kind: "awaiting-journal"; session: AgentSession }
  | { kind: "live"; session: AgentSession }
  | { kind: "over" };

export interface SessionParts {
  readonly context: GatewayContext;
  readonly registry: SessionRegistry;
  /** Called when a server's waiting jobs ought to be looked at. */
  readonly lookForWork: (serverId: string) => void;
}

const greetWithinMs = 20_000;
const acceptWithinMs = 15_000;

/** One connection of one agent, from its challenge to its end. */
export class Session {
  private readonly parts: SessionParts;
  private readonly socket: AgentSocket;
  private readonly greeting: NodeJS.Timeout;
  private ignoredFrames = 0;
  private readonly awaitedAnswers = new Map<string, () => void>();
  private state: State;
  private ending: Promise<void> | undefined;
  private isEndNoted = true;
  private readonly greetedOrOver = Promise.withResolvers<void>();

  constructor(socket: WebSocket, parts: SessionParts) {
    this.parts = parts;
    const nonce = randomBytes(24).toString("base64url");
    this.state = { kind: "proving", nonce };
    this.socket = new AgentSocket(socket, {
      onFrame: (frame) => this.receive(frame),
      onNotUnderstood: (type) => this.ignore(type),
      onBroken: (problem) => parts.context.log.warn({ ...this.names(), err: problem }, "a connection broke"),
      onClose: () => void this.end(),
    });
    this.greeting = setTimeout(() => void this.socket.close(closeCodes.refused), greetWithinMs);
    this.socket.send({ type: "challenge", nonce });
  }

  /** Resolves when the agent has proven who it is and shown its journal, or has gone. */
  get greeted(): Promise<void> {
    return this.greetedOrOver.promise;
  }

  get isLive(): boolean {
    return this.state.kind === "live";
  }

  /** Null before the agent has proven who it is and after the end. */
  get session(): AgentSession | null {
    return "session" in this.state ? this.state.session : null;
  }

  get isHeard(): boolean {
    return this.socket.isHeard;
  }

  checkPulse(): void {
    this.socket.checkPulse();
  }

  /** Sends an order and waits until the agent has answered, the connection is over, or it takes too long. */
  async sendJob({ jobId }: Delivery, job: SignedJob): Promise<void> {
    if (!this.socket.send({ type: "job", job })) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.awaitedAnswers.set(jobId, resolve);
    const timer = setTimeout(resolve, acceptWithinMs);
    await promise;
    clearTimeout(timer);
    this.awaitedAnswers.delete(jobId);
  }

  cancelJob(jobId: string): void {
    this.socket.send({ type: "cancel-job", jobId });
  }

  /**
   * Tells the agent to come back later, finishes what is in hand and closes. Whoever retires the gateway notes the end of all
   * connections at once: one after the other, those of a large fleet would outlast the time that a stopping gateway has.
   */
  async drain(retryAfterMs: number): Promise<void> {
    this.isEndNoted = false;
    this.socket.send({ type: "drain", retryAfterMs });
    await this.socket.close(closeCodes.goingAway);
    await this.end();
  }

  /** Closes because this connection must not be: a newer one took its place, or the server is locked out. */
  async dismiss(): Promise<void> {
    await this.socket.close(closeCodes.replaced);
  }

  private async receive(frame: AgentFrame): Promise<void> {
    try {
      await this.take(frame);
    } catch (problem) {
      if (!(problem instanceof ConnectionOverError)) throw problem;
      this.parts.context.log.warn(this.names(), "ended a connection that is not its agent's any more");
      // Not awaited: closing waits until this frame is settled.
      void this.dismiss();
    }
  }

  private async take(frame: AgentFrame): Promise<void> {
    const { state } = this;
    switch (state.kind) {
      case "proving":
        if (frame.type === "proof") await this.prove(frame, state.nonce);
        return;
      case "awaiting-journal":
        if (frame.type === "journal") await this.goLive(frame, state.session);
        return;
      case "live":
        await this.passOn(await takeIn(this.parts.context, state.session, frame), state.session);
        return;
      case "over":
        return;
    }
  }

  private async prove(proof: Extract<AgentFrame, { type: "proof" }>, nonce: string): Promise<void> {
    const { context, registry } = this.parts;
    const { gatewayId, log } = context;
    const hasGone = () => this.socket.isOver;
    const opened = await context.groups.openSession(context.system(), { proof, nonce, gatewayId, hasGone });
    if (opened.kind === "refused") {
      log.warn({ agentId: proof.agentId, code: opened.refusal.code }, "refused an agent");
      if (opened.heldBy) {
        await askToDismiss(context, opened.heldBy);
        await context.bus.publish(serverChannel(opened.heldBy.serverId), "");
      }
      this.socket.send({ type: "refused", ...opened.refusal });
      void this.socket.close(closeCodes.refused);
      return;
    }
    if (this.state.kind === "over") {
      await closeAgentSession(context.system(), { session: opened.session, gatewayId });
      return;
    }
    this.state = { kind: "awaiting-journal", session: opened.session };
    registry.add(opened.session.serverId, this);
    this.socket.send({ type: "welcome", serverTimeUnixMs: Date.now(), protocolVersion });
    log.info({ ...this.names(), agentVersion: proof.agentVersion }, "an agent connected");
    await context.bus.publish(serverChannel(opened.session.serverId), "");
  }

  private async goLive(
    frame: Extract<AgentFrame, { type: "journal" }>,
    session: AgentSession,
  ): Promise<void> {
    clearTimeout(this.greeting);
    this.greetedOrOver.resolve();
    const taken = await takeIn(this.parts.context, session, frame);
    if (this.state.kind !== "over") this.state = { kind: "live", session };
    await this.passOn(taken, session);
  }

  private async passOn(taken: Taken, session: AgentSession): Promise<void> {
    const { context, lookForWork } = this.parts;
    for (const reply of taken.replies) this.socket.send(reply);
    if (taken.answeredJobId) this.awaitedAnswers.get(taken.answeredJobId)?.();
    for (const jobId of taken.changedJobIds) await context.bus.publish(jobChannel(jobId), "");
    if (taken.hasServerChanged) await context.bus.publish(serverChannel(session.serverId), "");
    if (taken.hasFreedLane) lookForWork(session.serverId);
  }

  private end(): Promise<void> {
    this.ending ??= this.endOnce();
    return this.ending;
  }

  private async endOnce(): Promise<void> {
    const { session } = this;
    clearTimeout(this.greeting);
    this.greetedOrOver.resolve();
    this.state = { kind: "over" };
    for (const resolve of this.awaitedAnswers.values()) resolve();
    if (!session) return;
    const { context, registry } = this.parts;
    registry.remove(session.serverId, this);
    if (!this.isEndNoted) return;
    try {
      const closed = await closeAgentSession(context.system(), { session, gatewayId: context.gatewayId });
      for (const jobId of closed.changedJobIds) await context.bus.publish(jobChannel(jobId), "");
      if (closed.wasCurrent) await context.bus.publish(serverChannel(session.serverId), "");
      context.log.info({ serverId: session.serverId, agentId: session.agentId }, "an agent disconnected");
    } catch (problem) {
      // The row still says that we hold the agent; the comparison with what we really hold mends it.
      context.log.error(
        { serverId: session.serverId, err: problem },
        "could not note the end of a connection",
      );
    }
  }

  /** Counts what is not understood, and says so ever more rarely: a broken agent must not fill the log. */
  private ignore(type: string): void {
    this.ignoredFrames += 1;
    if (!Number.isInteger(Math.log10(this.ignoredFrames))) return;
    this.parts.context.log.warn({ ...this.names(), type, count: this.ignoredFrames }, "ignored a frame");
  }

  private names(): { serverId?: string; agentId?: string } {
    const { session } = this;
    return session ? { serverId: session.serverId, agentId: session.agentId } : {};
  }
}
