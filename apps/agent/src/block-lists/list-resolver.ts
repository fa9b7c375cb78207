import { Resolver } from "node:dns/promises";
import type { DnsLookupAnswer } from "@mailstead/core/dns";
import { resolverAddress } from "@mailstead/core/mail-flow";

/** Asks a resolver about a name. Its answers never repeat the name, which may hold a key. */
export interface ListResolver {
  answer(question: { name: string; type: "A" | "AAAA" | "TXT" }): Promise<DnsLookupAnswer>;
}

// A list that is slow is far away; one that takes longer is not there.
const answerWithinMs = 5000;

/** The host's own resolver, which asks the owners of lists itself. */
export function openListResolver(address = resolverAddress): ListResolver {
  const resolver = new Resolver({ timeout: answerWithinMs, tries: 2 });
  resolver.setServers([address]);
  async function resolve(name: string, type: "A" | "AAAA" | "TXT"): Promise<string[]> {
    switch (type) {
      case "A":
        return resolver.resolve4(name);
      case "AAAA":
        return resolver.resolve6(name);
      case "TXT":
        return (await resolver.resolveTxt(name)).map((strings) => strings.join(""));
    }
  }
  return {
    async answer({ name, type }) {
      try {
        const values = await resolve(name, type);
        return values.length === 0 ? { kind: "none" } : { kind: "found", values };
      } catch (error) {
        return answerOfError((error as { code?: unknown }).code);
      }
    },
  };
}

function answerOfError(code: unknown): DnsLookupAnswer {
  if (code === "ENOTFOUND" || code === "ENODATA") return { kind: "none" };
  return { kind: "failed", problem: problems[String(code)] ?? "the host's resolver could not get an answer" };
}

const problems: Readonly<Record<string, string>> = {
  ETIMEOUT: "nobody answered in time",
  ESERVFAIL: "the host's resolver got no answer from the list (SERVFAIL)",
  EREFUSED: "the host's resolver was refused an answer (REFUSED)",
  ECONNREFUSED: "the host's own resolver does not run",
};
