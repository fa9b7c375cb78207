import { randomUUID } from "node:crypto";
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
  /** Ends every open question, because its connection is gone. */
  connectionLost(): void;
}

const answerWithinMs = 30_000;

/** Pairs questions with their answers. A question fails as `temporary` when the line is cut or the answer is late. */
export function openRequestDesk(send: (frame: AgentFrame) => boolean): RequestDesk {
  const open = new Map<string, { resolve: (frame: never) => void; fail: (why: string) => void }>();

  function ask<T>(makeFrame: (requestId: string) => AgentFrame): Promise<T> {
    const requestId = randomUUID();
    return new Promise<T>((resolve, reject) => {
      const fail = (why: string) => {
        clearTimeout(timer);
        open.delete(requestId);
        reject(new JobFailure(`The control plane could not be asked: ${why}.`, { retry: "temporary" }));
      };
      const timer = setTimeout(() => fail("it did not answer in time"), answerWithinMs);
      open.set(requestId, {
        fail,
        resolve(frame) {
          clearTimeout(timer);
          open.delete(requestId);
          resolve(frame);
        },
      });
      if (!send(makeFrame(requestId))) fail("there is no connection to it");
    });
  }

  return {
    async targetState(revision) {
      const answer = await ask<TargetAnswer>((requestId) => ({
        type: "target-state-request",
        requestId,
        revision,
      }));
      return answer.document;
    },
    directoryPage: (from) =>
      ask<DirectoryAnswer>((requestId) => ({ type: "directory-request", requestId, ...from })),
    answer(frame) {
      open.get(frame.requestId)?.resolve(frame as never);
    },
    connectionLost() {
      for (const request of [...open.values()]) request.fail("the connection to it was lost");
    },
  };
}
