import type { AgentFrame } from "@mailstead/core/wire";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openRequestDesk } from "./requests.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A desk with a line that the test cuts and mends. */
function openLine() {
  const line = { isUp: true, sent: [] as AgentFrame[] };
  const desk = openRequestDesk((frame) => {
    if (line.isUp) line.sent.push(frame);
    return line.isUp;
  });
  const answerLast = (document: string | null, hasMore?: boolean) => {
    const frame = line.sent.at(-1);
    if (frame?.type !== "target-state-request") throw new Error("no target state was asked for");
    const more = hasMore === undefined ? {} : { hasMore };
    desk.answer({ type: "target-state", requestId: frame.requestId, document, ...more });
    return frame.from;
  };
  return { line, desk, answerLast };
}

test("a question asked before there is a line is sent when the line stands", async () => {
  const { line, desk, answerLast } = openLine();
  line.isUp = false;
  const document = desk.targetState(3);
  line.isUp = true;
  desk.connected();
  answerLast("{}");
  expect(await document).toBe("{}");
});

test("a question whose line was cut is asked again on the next one", async () => {
  const { line, desk, answerLast } = openLine();
  const document = desk.targetState(3);
  desk.connectionLost();
  desk.connected();
  expect(line.sent).toHaveLength(2);
  answerLast("{}");
  expect(await document).toBe("{}");
});

test("a target state that fits no frame is asked for part by part, over as many lines as it takes", async () => {
  const { line, desk, answerLast } = openLine();
  const document = desk.targetState(3);
  expect(answerLast('{"a', true)).toBe(0);
  await vi.waitFor(() => expect(line.sent).toHaveLength(2));
  desk.connectionLost();
  desk.connected();
  expect(line.sent).toHaveLength(3);
  expect(answerLast('":1', true)).toBe(3);
  await vi.waitFor(() => expect(line.sent).toHaveLength(4));
  expect(answerLast("}", false)).toBe(6);
  expect(await document).toBe('{"a":1}');
});

test("a target state that the control plane has not is none", async () => {
  const { desk, answerLast } = openLine();
  const document = desk.targetState(3);
  answerLast(null);
  expect(await document).toBeNull();
});

test("a gateway that is connected and silent is a temporary failure", async () => {
  const { desk } = openLine();
  const failure = expect(desk.targetState(3)).rejects.toMatchObject({ retry: "temporary" });
  await vi.advanceTimersByTimeAsync(30_000);
  await failure;
});

test("no line for minutes is a temporary failure, so that no lane is held for ever", async () => {
  const { line, desk } = openLine();
  line.isUp = false;
  const failure = expect(desk.targetState(3)).rejects.toMatchObject({ retry: "temporary" });
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  await failure;
});
