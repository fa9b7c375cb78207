import { randomUUID } from "node:crypto";
import { targetDocumentMaxBytes } from "@mailstead/core/servers";
import type { AgentFrame, GatewayFrame } from "@mailstead/core/wire";
import { JobFailure } from "../jobs/job-failure.ts";

type TargetAnswer = Extract<GatewayFrame, { type: "target-state" }>;
type DirectoryAnswer = Extract<GatewayFrame, { type: "directory-changes" }>;

/** Questions that the agent asks the gateway while it runs a job. */
export interface GatewayRequests {
  /** Text of a target state's revision, or null when the control plane has none. */
  targetState(revision: number): Promise<string | null>;
  directoryPage(from: {
    epoch: number;
    afterRevision: number;
    upToRevision: number;
  }): Promise<DirectoryAnswer>;
}

export interface RequestDesk extends GatewayRequests {
  answer(frame: TargetAnswer | DirectoryAnswer): void;
  /** Asks every open question on the line that now stands. */
  connected(): void;
  /** Lets every open question wait for the next line. */
  connectionLost(): void;
}

const answerWithinMs = 30_000;
// A job that a restart has interrupted asks before the agent is back in contact; a lane is not held for ever all the same.
const lineWithinMs = 5 * 60_000;

interface Question {
  readonly frame: AgentFrame;
  resolve(frame: never): void;
  /** Fails the question unless it is answered, or waits anew, within this time. */
  failWithin(timeMs: number, why: string): void;
}

/** Pairs questions with their answers, over as many lines as it takes. A question fails as `temporary` when no line or no answer comes in time. */
export function openRequestDesk(send: (frame: AgentFrame) => boolean): RequestDesk {
  const open = new Map<string, Question>();

  function put(question: Question): void {
    if (send(question.frame)) question.failWithin(answerWithinMs, "it did not answer in time");
    else question.failWithin(lineWithinMs, "there is no connection to it");
  }

  function ask<T>(makeFrame: (requestId: string) => AgentFrame): Promise<T> {
    const requestId = randomUUID();
    return new Promise<T>((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const question: Question = {
        frame: makeFrame(requestId),
        resolve(frame) {
          clearTimeout(timer);
          open.delete(requestId);
          resolve(frame);
        },
        failWithin(timeMs, why) {
          clearTimeout(timer);
          timer = setTimeout(() => {
            open.delete(requestId);
            reject(new JobFailure(`The control plane could not be asked: ${why}.`, { retry: "temporary" }));
          }, timeMs);
        },
      };
      open.set(requestId, question);
      put(question);
    });
  }

  return {
    async targetState(revision) {
      let text = "";
      for (;;) {
        const from = text.length;
        const { document, hasMore } = await ask<TargetAnswer>((requestId) => ({
          type: "target-state-request",
          requestId,
          revision,
          from,
        }));
        if (document === null) return null;
        text += document;
        // A gateway that knows no parts has sent the whole text.
        if (hasMore !== true || document === "" || text.length > targetDocumentMaxBytes) return text;
      }
    },
    directoryPage: (from) =>
      ask<DirectoryAnswer>((requestId) => ({ type: "directory-request", requestId, ...from })),
    answer(frame) {
      open.get(frame.requestId)?.resolve(frame as never);
    },
    connected() {
      for (const question of open.values()) put(question);
    },
    connectionLost() {
      for (const question of open.values())
        question.failWithin(lineWithinMs, "the connection to it was lost");
    },
  };
}
