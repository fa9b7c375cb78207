"use client";
import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button, IconButton } from "./button.tsx";
import { classNames } from "./class-names.ts";
import { CopyByHandDialog } from "./copy-by-hand-dialog.tsx";
import { useWords } from "./words-provider.tsx";
import { writeClipboard } from "./write-clipboard.ts";

const confirmationMs = 2000;

export interface CopyButtonProps {
  /** Exactly what lands on the clipboard. */
  text: string;
  /** Names what is copied, like "the command", for the accessible label. */
  what: string;
  /** Shows a word beside the icon: its own, or just that it copies. On a phone it may take too much room. */
  hasWord?: boolean | "from-sm";
  word?: string;
  look?: "secondary" | "quiet" | "primary";
}

/**
 * Copies a text and says so for a moment, in words for readers too; where it may not, it holds the text out to be
 * copied by hand.
 */
export function CopyButton({ text, what, hasWord = false, word, look = "quiet" }: CopyButtonProps) {
  const { t } = useWords();
  const [copied, setCopied] = useState(false);
  const [isRefused, setRefused] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), confirmationMs);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    const isWritten = await writeClipboard(text);
    setCopied(isWritten);
    setRefused(!isWritten);
  };
  const icon = copied ? (
    <Check aria-hidden="true" className="size-3.5 text-good" />
  ) : (
    <Copy aria-hidden="true" className="size-3.5" />
  );
  const label = copied ? t("controls.copied") : t("controls.copy-what", { what });
  return (
    <>
      {hasWord !== false ? (
        <Button look={look} size="small" onClick={() => void copy()} aria-label={label} className="no-print">
          {icon}
          {/* Both words lie in one cell, so that the button is as wide as the longer one from the start. */}
          <span
            className={classNames(
              "grid justify-items-center *:col-start-1 *:row-start-1",
              hasWord === "from-sm" && "max-sm:hidden",
            )}
          >
            <span className={classNames(copied && "invisible")}>{word ?? t("controls.copy")}</span>
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
      <CopyByHandDialog text={text} what={what} isOpen={isRefused} onOpenChange={setRefused} />
    </>
  );
}
