"use client";
import { useWords } from "../../components/words-provider.tsx";
import { FeedsPanel } from "../feeds/feeds-panel.tsx";
import { FleetHeader } from "./fleet-header.tsx";

/** By which accounts the mailbox providers themselves tell of the mail. */
export function FeedsScreen() {
  const { t } = useWords();
  return (
    <>
      <FleetHeader lead={t("feeds.fleet-lead")} hasSpan={false} hasCustomer={false} />
      <FeedsPanel />
    </>
  );
}
