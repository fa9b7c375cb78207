"use client";
import { X } from "lucide-react";
import { Dialog as RadixDialog } from "radix-ui";
import type { ReactNode } from "react";
import { IconButton } from "./button.tsx";
import { classNames } from "./class-names.ts";
import { useWords } from "./words-provider.tsx";

export interface DialogProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  title: string;
  description?: ReactNode;
  children: ReactNode;
  width?: "narrow" | "wide";
}

/** A modal with a title; on a narrow screen it rises from the lower edge and takes the full width. */
export function Dialog({
  isOpen,
  onOpenChange,
  title,
  description,
  children,
  width = "narrow",
}: DialogProps) {
  const { t } = useWords();
  return (
    <RadixDialog.Root open={isOpen} onOpenChange={onOpenChange}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className="fixed inset-0 z-40 bg-shade data-[state=open]:animate-[mailstead-rise_140ms_ease-out]" />
        <RadixDialog.Content
          onOpenAutoFocus={focusFirstControl}
          {...(description ? {} : { "aria-describedby": undefined })}
          className={classNames(
            "fixed z-50 flex max-h-[92dvh] flex-col overflow-hidden border border-line bg-raised shadow-float outline-none",
            "inset-x-0 bottom-0 rounded-t-ui sm:inset-x-auto sm:top-1/2 sm:bottom-auto sm:left-1/2 sm:w-[calc(100vw-2rem)] sm:-translate-x-1/2 sm:-translate-y-1/2 sm:rounded-ui",
            width === "wide" ? "sm:max-w-2xl" : "sm:max-w-lg",
          )}
        >
          <div className="flex items-start justify-between gap-4 px-5 pt-4 pb-1">
            <div className="grid min-w-0 gap-1 pt-0.5">
              <RadixDialog.Title className="font-semibold text-heading text-ink [overflow-wrap:anywhere]">
                {title}
              </RadixDialog.Title>
              {description ? (
                <RadixDialog.Description className="text-ink-2 text-table">
                  {description}
                </RadixDialog.Description>
              ) : null}
            </div>
            <RadixDialog.Close asChild>
              <IconButton label={t("controls.close")} size="small" className="-mr-1">
                <X aria-hidden="true" className="size-4" />
              </IconButton>
            </RadixDialog.Close>
          </div>
          <div className="min-h-0 overflow-y-auto px-5 pt-3 pb-5">{children}</div>
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}

/** The row of buttons that ends a dialog: the action last, and first under a thumb on a phone. */
export function DialogActions({ children }: { children: ReactNode }) {
  return (
    <div className="flex flex-col-reverse gap-2 pt-2 sm:flex-row sm:justify-end [&>button]:max-sm:h-10">
      {children}
    </div>
  );
}

/** Starts where the person will type; Radix would start at the close button, because it stands first. */
function focusFirstControl(event: Event): void {
  const content = event.currentTarget;
  if (!(content instanceof HTMLElement)) return;
  const first = content.querySelector<HTMLElement>("[autofocus], input:not([type=hidden]), select, textarea");
  if (first === null) return;
  event.preventDefault();
  first.focus();
}
