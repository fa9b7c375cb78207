import { dkimRotationEvents } from "@mailstead/db";
import { asc, eq } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { evidenceLines, proofFileName } from "./evidence-lines.ts";
import { readRotation } from "./load-rotation.ts";

const exportProofLogInput = z.object({ rotationId: z.uuid(), format: z.enum(["json", "csv", "text"]) });

export interface ProofLog {
  fileName: string;
  mediaType: string;
  text: string;
}

/** The whole proof of a rotation: every step, who was asked, and what they answered. Throws `not-found`. */
export async function exportProofLog(
  ctx: ServiceContext,
  input: z.input<typeof exportProofLogInput>,
): Promise<ProofLog> {
  const { rotationId, format } = parseInput(exportProofLogInput, input);
  return withTransaction(ctx, async (tx) => {
    const { row, domainName, keys } = await readRotation(tx, rotationId);
    const events = await tx
      .select()
      .from(dkimRotationEvents)
      .where(eq(dkimRotationEvents.rotationId, rotationId))
      .orderBy(asc(dkimRotationEvents.number));
    const story = events.map(({ number, at, step, kind, actorName, sentence, evidence }) => ({
      number,
      at: at.toISOString(),
      step,
      kind,
      actor: actorName,
      sentence,
      evidence,
    }));
    const head = {
      domain: domainName,
      rotation: row.id,
      kind: row.kind,
      course: row.course,
      step: row.step,
      outcome: row.outcome,
      startedAt: row.startedAt.toISOString(),
      startedBy: row.startedBy,
      endedAt: row.endedAt?.toISOString() ?? null,
      reason: row.reason,
      keys: keys.map(({ selector, algorithm, publicKey, state, madeBy }) => ({
        selector,
        algorithm,
        role: madeBy === row.id ? "new" : "former",
        state,
        publicKey,
      })),
    };
    const name = (extension: string) => proofFileName({ startedAt: row.startedAt, domainName }, extension);
    switch (format) {
      case "json":
        return {
          fileName: name("json"),
          mediaType: "application/json",
          text: `${JSON.stringify({ ...head, events: story }, null, 2)}\n`,
        };
      case "csv":
        return { fileName: name("csv"), mediaType: "text/csv", text: csvOf(story) };
      case "text":
        return { fileName: name("txt"), mediaType: "text/plain", text: textOf(head, story) };
    }
  });
}

interface StoryLine {
  number: number;
  at: string;
  step: string;
  kind: string;
  actor: string;
  sentence: string;
  evidence: unknown;
}

function csvOf(story: readonly StoryLine[]): string {
  const rows = story.map(({ number, at, step, kind, actor, sentence, evidence }) =>
    [number, at, step, kind, actor, sentence, evidence === null ? "" : JSON.stringify(evidence)].map(
      csvField,
    ),
  );
  const header = ["number", "at", "step", "kind", "actor", "sentence", "evidence"];
  return [header, ...rows].map((row) => `${row.join(",")}\r\n`).join("");
}

function csvField(value: string | number): string {
  const text = String(value);
  // A spreadsheet runs what begins like a formula.
  const safe = /^[=+@\t\r-]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function textOf(head: Readonly<Record<string, unknown>>, story: readonly StoryLine[]): string {
  const events = story.flatMap(({ number, at, step, actor, sentence, evidence }) => [
    "",
    `${number}. ${at} [${step}] ${sentence} (${actor})`,
    ...evidenceLines(evidence).map((line) => `   ${line}`),
  ]);
  return [...evidenceLines(head), ...events, ""].join("\n");
}
