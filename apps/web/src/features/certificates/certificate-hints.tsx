"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTRPC } from "../../client/trpc.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { useMay } from "../access/role-provider.tsx";

/** One line that says what to do while nobody has accepted the terms of the authority. */
export function TermsHint() {
  const { t } = useWords();
  const isOwner = useMay()("owner");
  const { data } = useQuery(useTRPC().certificates.authority.queryOptions());
  if (data === undefined || data.terms === "accepted") return null;
  return (
    <p className="border-line border-b bg-attention-soft px-4 py-2.5 text-table last:border-b-0">
      {t(data.terms === "changed" ? "authority.changed-lead" : "authority.hint", { name: data.name })}{" "}
      {isOwner ? (
        <Link href="/settings#certificate-authority" className="text-accent hover:underline">
          {t("authority.hint-action")}
        </Link>
      ) : (
        t("authority.accept-owner")
      )}
    </p>
  );
}

/** Why a domain has no certificate yet that is ordered by itself, and when its names are looked at again. */
export function LookHint({ domainId, serverId }: { domainId: string; serverId: string }) {
  const { t } = useWords();
  const { data } = useQuery(useTRPC().certificates.looks.queryOptions({ domainId, serverId }));
  const look = data?.[0];
  if (look === undefined) return null;
  return (
    <p className="border-line border-b px-4 py-3 text-ink-2 text-table last:border-b-0 [overflow-wrap:anywhere]">
      {look.sentence} {t("certificates.look-again")} <Ago at={look.nextLookAt} />
    </p>
  );
}
