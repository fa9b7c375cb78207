import {
  type BlockList,
  type ListedSubject,
  listedName,
  listProofs,
  readListing,
} from "@mailstead/core/checks";
import type { DnsView } from "./dns-view.ts";

/**
 * What a list says of each subject, asked through the resolver. When the list does not pass its own test, nothing of
 * what it says is believed.
 */
export async function askBlockList(
  list: BlockList,
  { zone, subjects, view }: { zone: string; subjects: readonly string[]; view: DnsView },
): Promise<ListedSubject[]> {
  if (subjects.length === 0) return [];
  const ask = async (subject: string) =>
    readListing(list, await view.answer({ name: listedName(subject, zone), type: "A" }));
  const proof = listProofs[list];
  const [listed, clear] = await Promise.all([ask(proof.listed), ask(proof.clear)]);
  const problem =
    listed.kind === "unknown"
      ? listed.problem
      : listed.kind === "clear" || clear.kind === "listed"
        ? "it does not pass its own test"
        : null;
  return Promise.all(
    subjects.map(async (subject) => ({
      list,
      subject,
      listing: problem === null ? await ask(subject) : { kind: "unknown" as const, problem },
    })),
  );
}
