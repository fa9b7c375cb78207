import type { RouterOutputs } from "../../client/router-types.ts";

type Finding = Pick<RouterOutputs["findings"]["get"], "page" | "subject">;

const ofDomain: Readonly<Record<Finding["page"], string>> = {
  records: "",
  keys: "/keys",
  settings: "/settings",
  deliverability: "/deliverability",
  queue: "/deliverability",
  overview: "",
  accounts: "/deliverability#accounts",
  "block-lists": "/deliverability",
  certificates: "",
  feeds: "/deliverability",
  measures: "/deliverability",
  reports: "/deliverability#reports",
  withdrawals: "",
  rollouts: "",
};
const ofServer: Readonly<Record<Finding["page"], string>> = {
  records: "",
  keys: "",
  settings: "/settings",
  deliverability: "/deliverability",
  queue: "/queue",
  overview: "",
  accounts: "/deliverability#accounts",
  "block-lists": "/deliverability#block-lists",
  certificates: "",
  feeds: "/deliverability",
  measures: "#measures",
  reports: "/deliverability",
  withdrawals: "",
  rollouts: "",
};

/** The page where a finding is mended: of its domain, its server or its zone, or of the organisation; null for one of many servers. */
export function fixPageHref({ page, subject }: Finding): string | null {
  if (page === "rollouts") return "/rollouts";
  if (subject.kind === "organisation") return null;
  if (subject.kind === "withdrawal") return "/settings#withdrawals";
  if (subject.kind === "zone") return `/zones/${subject.id}`;
  if (page === "feeds") return "/deliverability/feeds";
  return subject.kind === "domain"
    ? `/domains/${subject.id}${ofDomain[page]}`
    : `/servers/${subject.id}${ofServer[page]}`;
}

/** The page of what a finding is of; null for the whole organisation. */
export function subjectHref({ kind, id }: Finding["subject"]): string | null {
  if (kind === "organisation") return null;
  return kind === "withdrawal" ? "/settings#withdrawals" : `/${kind}s/${id}`;
}
