import type { AddressFacts } from "@mailstead/core/checks";
import { type DnsLookupAnswer, expandIpv6 } from "@mailstead/core/dns";
import type { DnsView } from "../dns/index.ts";

/** The names that an address leads back to, by the answer for its PTR, and those of them that lead to it again. */
export async function confirmedBy(
  reverse: DnsLookupAnswer,
  { address, view }: { address: string; view: DnsView },
): Promise<Pick<AddressFacts, "reverseNames" | "confirmedNames" | "isUnconfirmable">> {
  if (reverse.kind === "failed") return { reverseNames: null, confirmedNames: [] };
  const names = reverse.kind === "none" ? [] : reverse.values.map((name) => name.replace(/\.$/, ""));
  const addresses = await Promise.all(names.map((name) => addressesOf(name, view)));
  const confirmedNames = names.filter((_, at) => addresses[at]?.some((one) => isSameAddress(one, address)));
  return {
    reverseNames: names,
    confirmedNames,
    ...(confirmedNames.length === 0 && addresses.includes(null) ? { isUnconfirmable: true } : {}),
  };
}

/** Null when the question failed for either family, because then nothing can be said of what is missing. */
export async function addressesOf(name: string, view: DnsView): Promise<string[] | null> {
  const answers = await Promise.all((["A", "AAAA"] as const).map((type) => view.answer({ name, type })));
  if (answers.some(({ kind }) => kind === "failed")) return null;
  return answers.flatMap((answer) => (answer.kind === "found" ? [...answer.values] : []));
}

function isSameAddress(left: string, right: string): boolean {
  if (left.includes(":") !== right.includes(":")) return false;
  return left.includes(":") ? expandIpv6(left) === expandIpv6(right) : left === right;
}
