"use client";
import Link from "next/link";
import { Button } from "../../components/button.tsx";
import { Facts } from "../../components/facts.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay } from "../access/role-provider.tsx";
import { packageHref } from "./update-filters.ts";
import { CveLinks } from "./update-words.tsx";
import type { UpdateRow } from "./use-update-columns.tsx";

/** What an update brings, whole, and the way to the servers that wait for it. */
export function UpdateDetails({ update }: { update: UpdateRow }) {
  const { t } = useWords();
  return (
    <div className="grid gap-3 px-4 py-3">
      <Facts
        facts={[
          {
            term: t("updates.column.version"),
            detail: <span className="font-mono text-meta">{update.to}</span>,
          },
          {
            term: t("updates.details.cves"),
            detail:
              update.cves.length === 0 ? (
                t("updates.no-cves")
              ) : (
                <span className="font-mono text-meta">{update.cves.join(" ")}</span>
              ),
          },
          {
            term: t("updates.details.listed-cves"),
            detail: <CveLinks cves={update.listedCves} />,
          },
          {
            term: t("updates.details.packages"),
            detail: (
              <ul className="flex flex-wrap gap-x-4 gap-y-1">
                {update.packages.map((name) => (
                  <li key={name}>
                    <Link
                      href={packageHref(name)}
                      className="text-accent hover:underline"
                      title={t("updates.details.find", { name })}
                    >
                      {name}
                    </Link>
                  </li>
                ))}
              </ul>
            ),
          },
        ]}
      />
      <IfMay use="rollouts.start">
        <Button asChild size="small" className="w-fit">
          <Link href={`/rollouts/new?sources=${encodeURIComponent(update.sourceName)}`}>
            {t("rollouts.from-update", { name: update.sourceName })}
          </Link>
        </Button>
      </IfMay>
    </div>
  );
}
