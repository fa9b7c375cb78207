import { judgeNoMailCaa } from "@mailstead/core/checks";
import { answerLookups, inheritCaa } from "@mailstead/core/dns";
import type { DnsView } from "./dns-view.ts";
import type { Inspected } from "./inspected.ts";

const unasked: Inspected = { findings: [], unasked: ["caa-missing"] };

/**
 * Looks whether a domain without mail says who may issue certificates for it, and what in its zone may need some. Other
 * names below it cannot be found by asking; `ownNames` are those that this installation knows.
 */
export async function inspectNoMailCaa(
  domain: string,
  { view, ownNames }: { view: DnsView; ownNames: readonly string[] },
): Promise<Inspected> {
  const [own, inherited, ...addresses] = await Promise.all([
    view.answer({ name: domain, type: "CAA" }),
    answerLookups(inheritCaa(domain), (lookup) => view.answer(lookup)),
    ...[domain, `www.${domain}`].flatMap((name) =>
      (["A", "AAAA"] as const).map(async (type) => ({
        name,
        type,
        answer: await view.answer({ name, type }),
      })),
    ),
  ]);
  if (own.kind === "failed" || inherited.kind === "failed") return unasked;
  if (addresses.some(({ answer }) => answer.kind === "failed")) return unasked;
  const shown = addresses.flatMap(({ name, type, answer }) =>
    answer.kind === "found" ? [{ name, why: `${type} ${answer.values.join(", ")}` }] : [],
  );
  return {
    findings: judgeNoMailCaa({
      domain,
      own: own.kind === "found" ? own.values : [],
      inherited,
      inUse: [...shown, ...ownNames.map((name) => ({ name, why: "a name of a server here" }))],
    }),
    unasked: [],
  };
}
