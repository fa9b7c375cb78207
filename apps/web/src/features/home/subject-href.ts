import type { RouterOutputs } from "../../client/router-types.ts";

type Subject = RouterOutputs["home"]["findingChanges"][number]["subject"];

const pages = { domain: "domains", server: "servers", zone: "zones" } as const;
/** Where records stand that are to be taken away; their domain may have no page any more. */
export const withdrawalsHref = "/settings#withdrawals";

/** The page of what a finding is of; a finding of the whole organisation has its own. */
export function subjectHref({ kind, id }: Subject): string {
  if (kind === "organisation") return `/findings/${id}`;
  return kind === "withdrawal" ? withdrawalsHref : `/${pages[kind]}/${id}`;
}
