"use client";
import Link from "next/link";
import type { RouterOutputs } from "../../client/router-types.ts";
import { classNames } from "../../components/class-names.ts";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { packageHref } from "./update-filters.ts";

/** All versions of a package in the fleet, each with how many servers run it and what waits there. */
export function PackageVersions({
  answer,
  search,
}: {
  answer: RouterOutputs["updates"]["search"];
  search: string;
}) {
  const { t } = useWords();
  const { name, versions } = answer;
  return (
    <Panel
      title={t("packages.versions", { name })}
      isFlush
      actions={
        search === name ? null : (
          <Link href={packageHref(name)} className="text-accent text-table hover:underline">
            {t("packages.of-all")}
          </Link>
        )
      }
    >
      <ul className="max-h-80 overflow-y-auto">
        {versions.map(({ version, servers, waiting, isMeant }) => (
          <li
            key={version}
            className={classNames(
              "flex min-h-10 flex-wrap items-center gap-x-4 gap-y-1 border-line border-b px-4 py-1.5 text-table last:border-b-0",
              !isMeant && "text-ink-3",
            )}
          >
            <Link
              href={packageHref(name, version)}
              aria-current={isMeant || undefined}
              className="min-w-0 flex-1 basis-60 font-mono text-meta hover:underline [overflow-wrap:anywhere]"
            >
              {version}
            </Link>
            <span className="min-w-0 text-ink-3 text-meta [overflow-wrap:anywhere]">
              {waiting.length === 0
                ? t("packages.newest")
                : waiting.map(({ to, servers: count }) => t("packages.waits", { to, count })).join(", ")}
            </span>
            <span className="figures w-28 text-right">{t("packages.count", { count: servers })}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
