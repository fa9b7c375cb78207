"use client";
import { CopyBlock } from "../../components/copy-block.tsx";
import { useWords } from "../../components/words-provider.tsx";

/** What a runbook has somebody type, to be copied whole. */
export function RunbookCommand({ text }: { text: string }) {
  const { t } = useWords();
  return <CopyBlock text={text} what={t("runbooks.the-command")} />;
}
