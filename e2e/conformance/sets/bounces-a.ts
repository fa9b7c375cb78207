import { isDeepStrictEqual } from "node:util";
import { type ArrivedMail, readArrivedMail } from "@mailstead/agent/reports";
import type { BouncedRecipient } from "@mailstead/core/bounces";
import type { Material } from "../material.ts";
import { type Score, type ScoreBook, shown } from "../score.ts";
import { bounceFamilyOf } from "./reply-families.ts";

interface Labelled {
  readonly file: string;
  readonly expected: readonly LabelledRecipient[];
}

interface LabelledRecipient {
  readonly dsn: string;
  readonly reason: string;
  readonly hard: boolean;
  readonly feedback_type: string | null;
}

// The labels invent a status where the bounce gives none.
const inventedStatus = /^[245]\.0\.9\d\d$/;

/** Bounces, complaints and answering machines with a label for each recipient. */
export async function scoreLabelledBounces(material: Material, book: ScoreBook): Promise<void> {
  const families = material.json<Record<string, string>>("reason-to-family.json") ?? {};
  const scores = {
    found: book.open("recipients found"),
    status: book.open("status"),
    family: book.open("family", 0.85),
    hard: book.open("hard or soft", 0.95),
    feedback: book.open("feedback type"),
    others: book.open("other mail is not called a bounce"),
  };
  for (const { file, expected } of material.jsonLines<Labelled>("expected.jsonl")) {
    const bytes = material.bytes(`eml/${file}`);
    if (bytes === null) continue;
    await book.attempt(file, scores.found, async () => {
      const arrived = await readArrivedMail(bytes);
      const [first] = expected;
      if (first?.reason === "feedback" || first?.reason === "vacation") {
        scores.others.add(arrived.kind !== "bounce", `${file}: ${arrived.kind}, not ${first.reason}`);
        if (first.reason === "feedback") scoreFeedback(scores.feedback, arrived, { file, expected });
        else scores.family.add(isFromMachine(arrived), `${file}: ${arrived.kind}, not an auto-reply`);
        return;
      }
      const recipients = arrived.kind === "bounce" ? arrived.returned.recipients : [];
      for (const [index, label] of expected.entries()) {
        const recipient = recipients[index];
        const who = `${file} ${index + 1}`;
        scores.found.add(recipient?.address.includes("@") === true, `${who}: ${arrived.kind}, not found`);
        scoreRecipient(scores, { who, recipient, label, family: families[label.reason] });
      }
    });
  }
  await scoreLineEnds(material, book);
}

function scoreRecipient(
  { status, family, hard }: Record<"status" | "family" | "hard", Score>,
  found: {
    who: string;
    recipient: BouncedRecipient | undefined;
    label: LabelledRecipient;
    family: string | undefined;
  },
): void {
  const { who, recipient, label } = found;
  if (label.dsn !== "" && !inventedStatus.test(label.dsn))
    status.add(recipient?.status === label.dsn, `${who}: ${recipient?.status}, not ${label.dsn}`);
  const own = recipient?.action === "delivered" ? "delivered" : bounceFamilyOf(recipient?.category ?? "none");
  family.add(
    own === found.family,
    `${who}: ${own} (${recipient?.ruleId}), not ${found.family} (${label.reason}): ${shown(recipient?.diagnostic ?? "")}`,
  );
  hard.add(
    recipient?.isHard === label.hard,
    `${who}: hard ${recipient?.isHard} (${recipient?.category}), not ${label.hard}`,
  );
}

function scoreFeedback(score: Score, arrived: ArrivedMail, { file, expected }: Labelled): void {
  const report = arrived.kind === "report" ? arrived.reports[0] : undefined;
  const failure = report?.kind === "dmarc-failure" ? report.report : null;
  const type = arrived.kind === "complaint" ? arrived.report.type : failure?.type;
  const wanted = expected[0]?.feedback_type;
  score.add(type === wanted, `${file}: ${arrived.kind} ${type}, not ${wanted}`);
}

function isFromMachine(arrived: ArrivedMail): boolean {
  return arrived.kind === "other" && arrived.form !== "ordinary";
}

/** Copies with the line ends of Windows stand beside the mails; most of them without a label of their own. */
async function scoreLineEnds(material: Material, book: ScoreBook): Promise<void> {
  const score = book.open("read alike with other line ends");
  for (const file of material.files("crlf")) {
    const bytes = material.bytes(`crlf/${file}`);
    if (bytes === null) continue;
    await book.attempt(file, score, async () => {
      const other = Buffer.from(Buffer.from(bytes).toString("latin1").replaceAll("\r\n", "\n"), "latin1");
      const [one, two] = [await readArrivedMail(bytes), await readArrivedMail(other)];
      score.add(
        isDeepStrictEqual(one, two) && one.kind !== "refused" && one.kind !== "other",
        `${file}: ${shown(one)}, and ${shown(two)}`,
      );
    });
  }
}
