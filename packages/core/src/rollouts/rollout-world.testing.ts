import { chooseStarts, type StartMember, type Starts, sharedWith } from "./choose-starts.ts";
import { decideRollout, type RolloutDecision, type WaveCounts } from "./decide-rollout.ts";
import { type Answer, answerWithinMs, beginMember, type MemberAsk, moveMember } from "./move-member.ts";
import {
  inFlightStates,
  type MemberState,
  type RolloutSettings,
  type RolloutState,
  waveAt,
} from "./rollout.ts";

/** What a host of this world does when it is asked for something. */
export type HostFate = "good" | "bad-after" | "fails" | "silent" | "sick-before" | "away" | "late";

export interface WorldMember {
  readonly serverId: string;
  readonly wave: number;
  readonly keepApart: readonly string[];
  readonly fate: HostFate;
  state: MemberState;
  awaits: MemberAsk | null;
  askedAt: number | null;
  attempts: number;
  deadlineAt: Date | null;
  bakeUntil: Date | null;
  notBefore: Date | null;
  looks: number;
  /** Whether the change is on the host, whatever the engine knows of it. */
  isChanged: boolean;
}

const stepMs = 30_000;

/** A fleet that lives only in numbers: every look of the engine is followed by what the hosts do until the next. */
export class RolloutWorld {
  state: RolloutState = "running";
  wave = 0;
  now = new Date(0);
  /** False of what nobody can take back, as an agent. */
  hasWayBack = true;
  readonly decisions: RolloutDecision[] = [];
  /** Called after each look, to hold promises against. */
  onLook: (world: RolloutWorld) => void = () => undefined;
  readonly members: WorldMember[];
  readonly settings: RolloutSettings;
  catchUpUntil: Date;

  constructor(
    members: readonly Pick<WorldMember, "serverId" | "wave" | "keepApart" | "fate">[],
    settings: RolloutSettings,
  ) {
    this.settings = settings;
    this.catchUpUntil = new Date(settings.catchUpForMs);
    this.members = members.map((member) => ({
      ...member,
      state: "waiting",
      awaits: null,
      askedAt: null,
      attempts: 0,
      deadlineAt: null,
      bakeUntil: null,
      notBefore: null,
      looks: 0,
      isChanged: false,
    }));
  }

  /** Looks again and again until nothing is left to do or a person is needed; false when it does not end. */
  run(looksMax = 20_000): boolean {
    for (let look = 0; look < looksMax; look += 1) {
      const decision = this.look();
      this.decisions.push(decision);
      this.onLook(this);
      if (decision.kind === "end" || decision.kind === "halt" || decision.kind === "ask-approval")
        return true;
      // Nothing moves but the clock, so it moves on to where something happens.
      const isIdle = decision.kind === "wait" && !this.members.some(({ state }) => isUnderWay(state));
      this.now = new Date(this.now.getTime() + (isIdle ? 6 * 3_600_000 : stepMs));
    }
    return false;
  }

  private look(): RolloutDecision {
    for (const member of this.members) this.moveOne(member);
    const starts = this.starts();
    const decision = decideRollout(
      {
        state: this.state,
        settings: this.settings,
        wave: this.wave,
        approvedWave: 99,
        forgivenBad: 0,
        sums: null,
        catchUpUntil: this.catchUpUntil,
      },
      this.counts(starts),
      this.now,
    );
    if (decision.kind === "next-wave") {
      this.wave = decision.wave;
      this.catchUpUntil = new Date(this.now.getTime() + this.settings.catchUpForMs);
    }
    if (decision.kind === "halt") this.state = "halted";
    if (decision.kind === "end") this.state = decision.as;
    if (decision.kind === "leave-out")
      for (const member of this.members) if (member.state === "waiting") member.state = "left-out";
    if (decision.kind === "go-on") for (const id of starts.serverIds) this.start(id);
    return decision;
  }

  private starts(): Starts {
    const members = this.members.map(
      (member): StartMember => ({
        ...member,
        position: this.members.indexOf(member),
        isProven: true,
        hasWayBack: this.hasWayBack,
        wasAsked: member.attempts > 0,
        isOnline: member.fate !== "away",
        name: member.serverId,
        awayStandIn: sharedWith(
          member.keepApart,
          new Map(
            this.members
              .filter((other) => other !== member && other.fate === "away")
              .flatMap(({ keepApart, serverId }) => keepApart.map((key) => [key, serverId] as const)),
          ),
        ),
        busyElsewhere: null,
        opening: { kind: "open" },
      }),
    );
    const { inFlightMax } = this.settings;
    return chooseStarts({ members, wave: this.wave, inFlightMax, rollout: this.state }, this.now);
  }

  private start(serverId: string): void {
    const member = this.members.find((one) => one.serverId === serverId);
    if (member === undefined) return;
    const { state, ask } = this.state === "rolling-back" ? restore : beginMember(this.settings);
    member.state = state;
    this.ask(member, ask, this.now);
  }

  private ask(member: WorldMember, ask: MemberAsk, at: Date): void {
    member.attempts = member.awaits === ask ? member.attempts + 1 : 1;
    if (member.awaits !== ask) member.looks = 0;
    member.awaits = ask;
    member.askedAt = at.getTime();
    member.deadlineAt = new Date(at.getTime() + answerWithinMs[ask]);
  }

  private moveOne(member: WorldMember): void {
    const move = moveMember(
      { ...member, hasWayBack: this.hasWayBack },
      {
        answer: this.answerOf(member),
        rules: {
          ...this.settings,
          rollout: this.state,
          bakeTimeMs: waveAt(this.settings, member.wave).bakeTimeMs,
        },
        now: this.now,
      },
    );
    if (move.kind === "ask-again") this.ask(member, move.ask, move.at);
    if (move.kind !== "go") return;
    member.state = move.to;
    member.bakeUntil = move.bakeUntil;
    if (move.ask !== null) this.ask(member, move.ask, this.now);
    else member.deadlineAt = null;
  }

  private answerOf(member: WorldMember): Answer | null {
    const { fate, awaits, askedAt } = member;
    if (askedAt === null || awaits === null || askedAt > this.now.getTime()) return null;
    if (fate === "silent" && awaits !== "check") return { kind: "awaited", jobState: "unknown" };
    if (fate === "late" && awaits === "apply" && this.now.getTime() < askedAt + 2 * answerWithinMs.apply)
      return { kind: "awaited", jobState: "unknown" };
    if (awaits === "apply") {
      if (fate === "fails") return { kind: "failed", retry: "permanent", sentence: "It failed." };
      member.isChanged = true;
      return { kind: "done" };
    }
    if (awaits === "restore") {
      member.isChanged = false;
      return { kind: "done" };
    }
    const isBad = member.isChanged ? fate === "bad-after" : fate === "sick-before";
    if (!isBad) return { kind: "judged", health: { kind: "well" } };
    member.looks += 1;
    return member.looks < 2
      ? { kind: "judged", health: { kind: "look-again", at: new Date(this.now.getTime() + 60_000) } }
      : { kind: "judged", health: { kind: "bad", reasons: ["IMAP does not answer."] } };
  }

  private counts({ serverIds, waiting }: Starts): WaveCounts[] {
    return Array.from({ length: this.settings.waves.length + 1 }, (_, wave) => {
      const own = this.members.filter((member) => member.wave === wave);
      const counts: Partial<Record<MemberState, number>> = {};
      for (const { state } of own) counts[state] = (counts[state] ?? 0) + 1;
      const startable = own.filter(({ serverId }) => serverIds.includes(serverId)).length;
      const hindered = own.filter(({ serverId }) => waiting.has(serverId)).length;
      return { wave, counts, startable, hindered };
    });
  }
}

const restore = { state: "restoring", ask: "restore" } as const;

function isUnderWay(state: MemberState): boolean {
  return inFlightStates.includes(state) || state === "baking" || state === "rechecking";
}
