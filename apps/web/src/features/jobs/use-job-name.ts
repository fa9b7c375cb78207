"use client";
import { useCallback } from "react";
import { useWords } from "../../components/words-provider.tsx";
import { jobName, type NamedJob } from "./job-name.ts";

/** What a job is called, in the reader's words. */
export function useJobName(): (job: NamedJob) => string {
  const { t } = useWords();
  return useCallback((job) => jobName(t, job), [t]);
}
