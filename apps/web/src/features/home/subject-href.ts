import type { RouterOutputs } from "../../client/router-types.ts";

type Subject = RouterOutputs["home"]["findingChanges"][number]["subject"];

const pages: Record<Subject["kind"], string> = { domain: "domains", server: "servers", zone: "zones" };

/** The page of what a finding is of. */
export function subjectHref({ kind, id }: Subject): string {
  return `/${pages[kind]}/${id}`;
}
