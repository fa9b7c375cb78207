import { readArrivedMail, readReportFile } from "@mailstead/agent/reports";
import { isCovered, parseMtaStsPolicy } from "@mailstead/core/checks";
import { classifyReply, createDeliveryTracker, parseSyslogLine } from "@mailstead/core/delivery";
import { answerLookups, evaluateSpf, readMtaStsId } from "@mailstead/core/dns";
import { createTraceRecorder } from "@mailstead/core/trace";
import type { Material } from "./material.ts";
import { harmful, type Mutation, mutate } from "./mutations.ts";
import type { Score } from "./score.ts";

// Far beyond what any input takes: only what never ends, or nearly so, is wrong for it.
const patienceMs = 20_000;
const linesMax = 80;
const readAt = Date.parse("2026-12-31");

/** Feeds each file of a set, harmed in several ways, to everything that reads such input: nothing may throw or hang. */
export async function scoreMalformed(material: Material, score: Score): Promise<void> {
  for (const folder of [
    ".",
    ...material.folders(),
    ...material.folders().flatMap((name) => inside(material, name)),
  ])
    for (const file of material.files(folder)) {
      const bytes = material.bytes(`${folder}/${file}`);
      for (const mutation of bytes === null ? [] : mutate(bytes)) await feed(file, mutation, score);
    }
}

/** Feeds what is made to harm. */
export async function scoreHarmful(score: Score): Promise<void> {
  for (const mutation of harmful()) await feed("report.xml", mutation, score);
}

function inside(material: Material, folder: string): readonly string[] {
  return material.folders(folder).map((name) => `${folder}/${name}`);
}

async function feed(name: string, { how, bytes }: Mutation, score: Score): Promise<void> {
  for (const [reader, read] of Object.entries(readers)) {
    const startedAt = performance.now();
    try {
      await read(bytes, name);
      const tookMs = performance.now() - startedAt;
      score.add(tookMs < patienceMs, `${name} ${how}: ${reader} took ${Math.round(tookMs)} ms`);
    } catch (cause) {
      score.add(false, `${name} ${how}: ${reader} threw ${cause instanceof Error ? cause.message : cause}`);
    }
  }
}

/** Everything that takes what strangers wrote. */
const readers: Readonly<Record<string, (bytes: Uint8Array, name: string) => unknown>> = {
  mail: (bytes) => readArrivedMail(bytes),
  report: (bytes, name) => readReportFile({ name, bytes }),
  log: (bytes) => followLog(new TextDecoder().decode(bytes)),
  replies: (bytes) => {
    for (const line of linesOf(bytes)) classifyReply(line, null);
  },
  policies: (bytes) => {
    const text = new TextDecoder().decode(bytes);
    parseMtaStsPolicy(text);
    readMtaStsId(text);
    for (const line of linesOf(bytes)) isCovered(line, [line, `*.${line}`]);
  },
  spf: async (bytes) => {
    const check = { address: "192.0.2.1", domain: "a.example", sender: "a@a.example", helo: "a.example" };
    for (const line of linesOf(bytes).slice(0, 50))
      await answerLookups(evaluateSpf({ ...check, record: `v=spf1 ${line}` }), async () => ({
        kind: "none",
      }));
  },
};

function linesOf(bytes: Uint8Array): readonly string[] {
  return new TextDecoder().decode(bytes).split("\n", linesMax);
}

/** Lines as they are, and each as what Postfix's daemons would log. */
function followLog(text: string): void {
  const tracker = createDeliveryTracker();
  const trace = createTraceRecorder();
  const daemons = ["smtp", "smtpd", "qmgr", "cleanup", "postscreen", "bounce"];
  for (const [index, line] of text.split("\n", linesMax).entries()) {
    const logged = `Nov 20 10:00:00 mail postfix/${daemons[index % daemons.length]}[1]: ${line}`;
    for (const one of [line, logged]) {
      const record = parseSyslogLine(one, readAt);
      if (record === null) continue;
      tracker.take(record);
      trace.take(record);
    }
  }
  tracker.readState();
  trace.readChanges();
}
