"use client";
import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button, IconButton } from "./button.tsx";
import { classNames } from "./class-names.ts";
import { useWords } from "./words-provider.tsx";

const confirmationMs = 2000;

export interface CopyButtonProps {
  /** Exactly what lands on the clipboard. */
  text: string;
  /** Names what is copied, like "the command", for the accessible label. */
  what: string;
  /** Shows the word beside the icon. */
  hasWord?: boolean;
  look?: "secondary" | "quiet" | "primary";
}

/** Copies a text and says so for a moment, in words for readers too. */
export function CopyButton({ text, what, hasWord = false, look = "quiet" }: CopyButtonProps) {
  const { t } = useWords();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), confirmationMs);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    await writeClipboard(text);
    setCopied(true);
  };
  const icon = copied ? (
    <Check aria-hidden="true" className="size-3.5 text-good" />
  ) : (
    <Copy aria-hidden="true" className="size-3.5" />
  );
  const label = copied ? t("controls.copied") : t("controls.copy-what", { what });
  return (
    <>
      {hasWord ? (
        <Button look={look} size="small" onClick={() => void copy()} aria-label={label} className="no-print">
          {icon}
          {/* Both words lie in one cell, so that the button is as wide as the longer one from the start. */}
          <span className="grid justify-items-center *:col-start-1 *:row-start-1">
            <span className={classNames(copied && "invisible")}>{t("controls.copy")}</span>
            <span className={classNames(!copied && "invisible")}>{t("controls.copied")}</span>
          </span>
        </Button>
      ) : (
        <IconButton label={label} look={look} size="small" onClick={() => void copy()} className="no-print">
          {icon}
        </IconButton>
      )}
      <span role="status" className="sr-only">
        {copied ? t("controls.copied") : ""}
      </span>
    </>
  );
}

// The clipboard API exists only on https and localhost; a control plane on a plain address in a lab has the older way.
async function writeClipboard(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  area.style.opacity = "0";
  (document.querySelector("[role=dialog]") ?? document.body).append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
