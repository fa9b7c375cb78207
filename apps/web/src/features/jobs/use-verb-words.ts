"use client";
import type { JobVerb } from "@mailstead/core/jobs";
import { useCallback } from "react";
import { useWords } from "../../components/words-provider.tsx";
import { serviceName } from "../servers/service-name.ts";

/** What a job does, in words, with what it does it to. */
export function useVerbWords(): (verb: JobVerb, args: unknown) => string {
  const { t } = useWords();
  return useCallback(
    (verb, args) => {
      const words = t(`job.verb.${verb}`);
      const subject = subjectOf(args);
      return subject === null ? words : `${words}: ${subject}`;
    },
    [t],
  );
}

function subjectOf(args: unknown): string | null {
  if (typeof args !== "object" || args === null) return null;
  if ("service" in args && typeof args.service === "string") return serviceName(args.service);
  if ("address" in args && typeof args.address === "string") return args.address;
  return null;
}
