import type { JobVerb } from "@mailstead/core/jobs";
import type { Translate } from "../../messages/translate.ts";
import { serviceName } from "../servers/service-name.ts";

/** As much of a job as its name needs. */
export interface NamedJob {
  verb: JobVerb;
  /** True for the converge that brings mail to its host. */
  isInstall: boolean;
  args?: unknown;
}

/** What a job is called: what it does, in words, with what it does it to. */
export function jobName(t: Translate, { verb, isInstall, args }: NamedJob): string {
  const words = t(isInstall ? "job.verb.install" : `job.verb.${verb}`);
  const subject = subjectOf(args);
  return subject === null ? words : `${words}: ${subject}`;
}

function subjectOf(args: unknown): string | null {
  if (typeof args !== "object" || args === null) return null;
  if ("service" in args && typeof args.service === "string") return serviceName(args.service);
  if ("address" in args && typeof args.address === "string") return args.address;
  return null;
}
