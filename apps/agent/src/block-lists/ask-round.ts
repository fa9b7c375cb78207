import type { ListAnswer, ListQuestions, ToldAnswer } from "@mailstead/core/block-lists";
import { type Listing, listedName, readListing } from "@mailstead/core/checks";
import type { ListResolver } from "./list-resolver.ts";

/** Questions that are open at once, so that a round is no burst. */
const openQuestionsMax = 8;

/**
 * Asks all lists of a round, and gives all that they said at once. A list that does not pass its own test in a family is
 * believed nothing there, and is asked nothing more. Never throws for what the network does.
 */
export async function askRound(
  plan: readonly ListQuestions[],
  resolver: ListResolver,
): Promise<readonly ToldAnswer[]> {
  const limited = limitOpen(resolver, openQuestionsMax);
  return (await Promise.all(plan.map((questions) => askList(questions, limited)))).flat();
}

async function askList(
  { list, zone, secret, proofs, subjects }: ListQuestions,
  resolver: ListResolver,
): Promise<ToldAnswer[]> {
  const ask = async (subject: string) =>
    readListing(list, await resolver.answer({ name: listedName(subject, zone), type: "A" }));
  const [must, ...mustNot] = await Promise.all([proofs.listed, ...proofs.clear].map(ask));
  const problem = proofProblem(must, mustNot);
  return Promise.all(
    subjects.map(async (subject): Promise<ToldAnswer> => {
      if (problem !== null) return { list, subject, answer: { kind: "unknown", problem } };
      const listing = await ask(subject);
      if (listing.kind !== "listed") return { list, subject, answer: listing };
      return { list, subject, answer: await withText(listing) };

      async function withText({ codes }: Extract<Listing, { kind: "listed" }>): Promise<ListAnswer> {
        const said = await resolver.answer({ name: listedName(subject, zone), type: "TXT" });
        const text = said.kind === "found" ? said.values.join(" ") : null;
        // A list may repeat what it was asked.
        const isTelling =
          text !== null && (secret === null || !text.toLowerCase().includes(secret.toLowerCase()));
        return { kind: "listed", codes: codes.slice(0, 20), text: isTelling ? text.slice(0, 500) : null };
      }
    }),
  );
}

/** Why nothing that the list says is believed (RFC 5782 §5); null when it lives and does not list everybody. */
function proofProblem(must: Listing | undefined, mustNot: readonly Listing[]): string | null {
  if (must?.kind === "unknown") return must.problem;
  if (must?.kind !== "listed") return "it does not have the entry by which it proves that it lives";
  if (mustNot.some(({ kind }) => kind === "listed")) return "it lists everything, so it says nothing";
  const unsure = mustNot.find((one) => one.kind === "unknown");
  return unsure?.kind === "unknown" ? unsure.problem : null;
}

function limitOpen(resolver: ListResolver, openMax: number): ListResolver {
  let open = 0;
  const waiting: (() => void)[] = [];
  return {
    async answer(question) {
      while (open >= openMax) await new Promise<void>((resolve) => waiting.push(resolve));
      open += 1;
      try {
        return await resolver.answer(question);
      } finally {
        open -= 1;
        waiting.shift()?.();
      }
    },
  };
}
