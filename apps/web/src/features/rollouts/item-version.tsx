"use client";
import { agentItem, configurationItem } from "@mailstead/core/rollouts";
import { useWords } from "../../components/words-provider.tsx";

interface ItemVersionProps {
  name: string;
  version: string;
  from?: string | null;
}

/** A thing that a rollout brings, by the name that people know it by, and in which version. */
export function ItemVersion({ name, version, from = null }: ItemVersionProps) {
  const { t } = useWords();
  if (name === configurationItem)
    return (
      <>
        <span className="font-medium">{t("rollout.item.configuration")}</span>{" "}
        <span className="text-ink-2 text-meta leading-5">
          {t("rollout.item.configuration-of", { version })}
        </span>
      </>
    );
  return (
    <>
      <span className="font-medium">{name === agentItem ? t("rollout.item.mailstead-agent") : name}</span>{" "}
      <span className="font-mono text-ink-2 text-meta leading-5">
        {from === null ? version : t("rollout.health.to", { before: from, after: version })}
      </span>
    </>
  );
}
