"use client";
import { useWords } from "../../components/words-provider.tsx";
import { FleetBlockLists } from "../block-lists/fleet-block-lists.tsx";
import { FleetHeader } from "./fleet-header.tsx";

/** What DNS block lists say of all servers. */
export function FleetBlockListsScreen() {
  const { t } = useWords();
  return (
    <>
      <FleetHeader lead={t("lists.lead")} hasSpan={false} />
      <FleetBlockLists />
    </>
  );
}
