"use client";
import { Plus } from "lucide-react";
import Link from "next/link";
import { Button } from "../../components/button.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay } from "../access/role-provider.tsx";
import { BrandMark } from "../shell/brand-mark.tsx";

const steps = [1, 2, 3, 4] as const;

/** What Home shows while there is no server: the way to the first mail, and the button that starts it. */
export function FirstSteps() {
  const { t } = useWords();
  return (
    <div className="mx-auto grid max-w-xl gap-8 pt-6 md:pt-16">
      <div className="grid gap-4">
        <BrandMark className="size-10" />
        <div className="grid gap-1">
          <h1 className="font-semibold text-title tracking-[-0.012em]">{t("home.first-title")}</h1>
          <p className="text-ink-2">{t("home.first")}</p>
        </div>
      </div>
      <ol className="grid">
        {steps.map((step) => (
          <li
            key={step}
            className="grid grid-cols-[1.75rem_minmax(0,1fr)] gap-x-4 [&:last-child_.thread]:hidden"
          >
            <span className="grid justify-items-center">
              <span className="figures grid size-7 place-items-center rounded-full border border-line-strong bg-surface font-medium text-meta">
                {step}
              </span>
              <span aria-hidden="true" className="thread h-full min-h-6 w-px bg-line" />
            </span>
            <span className="grid content-start gap-0.5 pb-5">
              <span className="pt-0.5 font-medium">{t(`home.first.${step}`)}</span>
              <span className="text-ink-2 text-table">{t(`home.first.${step}-text`)}</span>
            </span>
          </li>
        ))}
      </ol>
      <IfMay use="servers.add">
        <Button asChild look="primary" size="large" className="justify-self-start">
          <Link href="/servers?add=1">
            <Plus aria-hidden="true" className="size-4" />
            {t("servers.add")}
          </Link>
        </Button>
      </IfMay>
    </div>
  );
}
