import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Story } from "@mailstead/core/trace";
import { expect, test } from "vitest";
import { en } from "../../messages/en.ts";
import { createFormats } from "../../messages/format.ts";
import { createTranslate } from "../../messages/translate.ts";
import { storyWords } from "./story-words.ts";

/** The stories that the log of a host tells, as core's own test has them. */
const told = resolve(import.meta.dirname, "../../../../../packages/core/src/trace/golden");
const names = readdirSync(told)
  .filter((name) => name.endsWith(".golden"))
  .map((name) => name.replace(".golden", ""));

const t = createTranslate(en, "en");
const { duration, number } = createFormats("en");
// The zone of whoever runs the test must not matter.
const clock = (at: Date) => at.toISOString().slice(11, 19);

test.each(names)("the story of %s reads as a person would tell it", async (name) => {
  const stories: (Story & { queueId: string | null })[] = JSON.parse(
    readFileSync(join(told, `${name}.golden`), "utf8"),
  );
  const text = stories.map(({ queueId, outcome, lines }) => {
    const words = lines.map((line) => {
      const { sentence, reply, reason } = storyWords(t, { clock, duration, number }, line);
      return [
        `${clock(new Date(line.at))} ${sentence}`,
        ...(reason === null ? [] : [`         ${reason.title}.`]),
        ...(reply === null ? [] : [`         “${reply}”`]),
      ].join("\n");
    });
    return [`${queueId ?? "no queue id"}: ${t(`trace.outcome.${outcome}`)}`, ...words, ""].join("\n");
  });
  await expect(text.join("\n")).toMatchFileSnapshot(join(import.meta.dirname, "golden", `${name}.txt`));
});
