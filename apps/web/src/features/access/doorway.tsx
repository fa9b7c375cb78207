import type { ReactNode } from "react";
import { BrandMark } from "../shell/brand-mark.tsx";

/** The page outside of the house: one card in the middle of a quiet sheet. */
export function Doorway({ title, lead, children }: { title: string; lead?: string; children: ReactNode }) {
  return (
    <main className="grid min-h-dvh place-items-center px-4 py-10">
      <div className="grid w-full max-w-[24rem] gap-6">
        <div className="grid justify-items-center gap-4 text-center">
          <BrandMark className="size-10" />
          <div className="grid gap-1">
            <h1 className="font-semibold text-title tracking-[-0.012em]">{title}</h1>
            {lead === undefined ? null : <p className="text-balance text-ink-2 text-table">{lead}</p>}
          </div>
        </div>
        <div className="grid gap-4 rounded-ui border border-line bg-surface p-6 shadow-rest">{children}</div>
      </div>
    </main>
  );
}
