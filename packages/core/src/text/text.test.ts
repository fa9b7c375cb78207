import fc from "fast-check";
import { expect, test } from "vitest";
import { progressEventSchema } from "../jobs/index.ts";
import { hostFactsSchema, observedReportSchema } from "../servers/index.ts";
import { agentFrameSchema } from "../wire/index.ts";
import { cutText, toldText, toldValue } from "./index.ts";

// "binary" makes any UTF-16 units, halves of surrogate pairs among them.
const anyText = fc
  .string({ unit: "binary" })
  .chain((text) =>
    fc.array(fc.constantFrom("", "\0", "\ud83d", "\ude00", "😀")).map((parts) => text + parts.join("")),
  );
const isStorable = (text: string) => text.isWellFormed() && !text.includes("\0");

test("whatever text a host tells can be stored, and keeps its length", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const told = toldText(1000).parse(text);
      expect(isStorable(told)).toBe(true);
      expect(told).toHaveLength(text.length);
      if (isStorable(text)) expect(told).toBe(text);
    }),
  );
});

test("a value of any shape is made storable throughout, names included", () => {
  fc.assert(
    fc.property(fc.array(anyText), fc.jsonValue({ stringUnit: "binary" }), (texts, value) => {
      const told = JSON.stringify(toldValue.parse({ texts, value, "na\0me": null }));
      expect(told).not.toMatch(/\\u0000|\\ud[89a-f]/i);
    }),
  );
});

test("a text is cut at a character, never within one", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.nat(50), (text, lengthMax) => {
      const cut = cutText(text, lengthMax);
      expect(cut.isWellFormed()).toBe(true);
      expect(text.startsWith(cut)).toBe(true);
      expect(cut.length).toBeLessThanOrEqual(lengthMax);
      if (cut !== text) expect(cut.length).toBeGreaterThanOrEqual(lengthMax - 1);
    }),
  );
});

const evil = "a\0b\ud83d";
const good = "a\ufffdb\ufffd";
const jobId = "0198a5e0-0000-7000-8000-000000000001";

test.each([
  { kind: "log", level: "info", text: evil },
  { kind: "plan", steps: [{ id: evil, title: evil, weight: 1 }] },
  { kind: "step-started", stepId: evil },
  { kind: "step-ended", stepId: evil, outcome: "failed", detail: evil },
  { kind: "file-changed", path: evil, diff: evil },
])("a line of a job's story is storable: %j", (body) => {
  const event = progressEventSchema.parse({ number: 1, atUnixMs: 0, body });
  expect(event.body).toEqual(
    JSON.parse(JSON.stringify(body).replaceAll(JSON.stringify(evil), JSON.stringify(good))),
  );
});

test.each([
  {
    type: "job-ended",
    jobId,
    progressNumber: 0,
    outcome: { kind: "failed", problem: evil, retry: "temporary" },
  },
  {
    type: "job-ended",
    jobId,
    progressNumber: 0,
    outcome: { kind: "succeeded", result: { steps: [{ title: evil, diff: evil }] } },
  },
  { type: "job-refused", jobId, reason: "expired", sentence: evil },
])("an end and a refusal are storable: %j", (frame) => {
  const wanted = JSON.stringify(frame).replaceAll(JSON.stringify(evil), JSON.stringify(good));
  expect(agentFrameSchema.parse(frame)).toEqual(JSON.parse(wanted));
});

test("drift of a file that holds bytes of no text is storable", () => {
  const drift = [{ path: evil, kind: "changed", diff: evil }];
  const report = { targetRevision: 1, drift, dkimPublicKeys: [], directory: { epoch: 1, revision: 0 } };
  expect(observedReportSchema.parse(report).drift).toEqual([{ path: good, kind: "changed", diff: good }]);
});

test("facts are storable, the names of packages included", () => {
  const facts = {
    suite: "bookworm",
    osName: evil,
    kernel: evil,
    architecture: "x64",
    hostname: evil,
    agentVersion: evil,
    bootId: evil,
    bootedAtUnixMs: 0,
    memoryTotalBytes: 0,
    memoryAvailableBytes: 0,
    diskTotalBytes: 0,
    diskFreeBytes: 0,
    cpuCount: 1,
    ipAddresses: [evil],
    canReachPort25: null,
    services: [{ unit: evil, state: "running", sinceUnixMs: null }],
    packages: { [evil]: evil },
    queueSizeMessages: null,
    isRebootRequired: false,
    dkimKeysGone: [evil],
  };
  expect(JSON.stringify(hostFactsSchema.parse(facts))).not.toMatch(/\\u0000|\\ud[89a-f]/i);
});
