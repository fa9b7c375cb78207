import type { RouterOutputs } from "../../client/router-types.ts";

type Finding = Pick<RouterOutputs["findings"]["get"], "page" | "subject">;

const ofDomain: Readonly<Record<Finding["page"], string>> = {
  records: "",
  keys: "/keys",
  settings: "/settings",
  deliverability: "/deliverability",
  queue: "/deliverability",
  overview: "",
};
const ofServer: Readonly<Record<Finding["page"], string>> = {
  records: "",
  keys: "",
  settings: "/settings",
  deliverability: "/deliverability",
  queue: "/queue",
  overview: "",
};

/** The page of the finding's domain or server where it is mended; null for one of the whole organisation. */
export function fixPageHref({ page, subject }: Finding): string | null {
  if (subject.kind === "organisation") return null;
  return subject.kind === "domain"
    ? `/domains/${subject.id}${ofDomain[page]}`
    : `/servers/${subject.id}${ofServer[page]}`;
}
