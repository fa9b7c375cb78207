"use client";
import { type ReactNode, useState } from "react";
import { Button } from "./button.tsx";
import { useWords } from "./words-provider.tsx";

/** A part of a page that is not read before somebody asks for it. `show` is what the button says until then. */
export function OnRequest({ show, children }: { show: string; children: ReactNode }) {
  const { t } = useWords();
  const [isOpen, setOpen] = useState(false);
  return (
    <div className="grid min-w-0 gap-3">
      <Button
        size="small"
        className="w-fit"
        aria-expanded={isOpen}
        onClick={() => setOpen((before) => !before)}
      >
        {isOpen ? t("evidence.hide") : show}
      </Button>
      {isOpen ? children : null}
    </div>
  );
}
