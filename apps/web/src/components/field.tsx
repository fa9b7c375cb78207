"use client";
import { Switch as RadixSwitch } from "radix-ui";
import { type ComponentProps, createContext, type ReactNode, useContext, useId } from "react";
import { classNames } from "./class-names.ts";

interface FieldIds {
  controlId: string;
  describedBy: string | undefined;
  isInvalid: boolean;
}
const FieldContext = createContext<FieldIds | null>(null);

export interface FieldProps {
  label: string;
  hint?: ReactNode;
  problem?: string | null | undefined;
  children: ReactNode;
  className?: string;
}

/** Ties a label, a hint and a problem to the one control inside. */
export function Field({ label, hint, problem, children, className }: FieldProps) {
  const controlId = useId();
  const noteId = useId();
  const hasNote = Boolean(hint) || Boolean(problem);
  return (
    <FieldContext
      value={{ controlId, describedBy: hasNote ? noteId : undefined, isInvalid: Boolean(problem) }}
    >
      <div className={classNames("grid content-start gap-1.5", className)}>
        <label htmlFor={controlId} className="w-fit font-medium text-ink text-table">
          {label}
        </label>
        {children}
        {hasNote ? (
          <p
            id={noteId}
            className={classNames("text-meta", problem ? "text-trouble" : "text-ink-3")}
            aria-live="polite"
          >
            {problem ?? hint}
          </p>
        ) : null}
      </div>
    </FieldContext>
  );
}

function useControl() {
  const ids = useContext(FieldContext);
  return ids === null
    ? {}
    : { id: ids.controlId, "aria-describedby": ids.describedBy, "aria-invalid": ids.isInvalid || undefined };
}

export const controlLook =
  "w-full rounded-ui border border-control bg-surface text-body text-ink shadow-rest transition-colors hover:border-ink-3 focus-visible:border-accent focus-visible:outline-offset-0 aria-invalid:border-trouble disabled:bg-sunken disabled:text-ink-2 disabled:opacity-100 disabled:hover:border-control [&[readonly]]:bg-sunken";

export function Input({ className, ...rest }: ComponentProps<"input">) {
  return <input {...useControl()} {...rest} className={classNames(controlLook, "h-9 px-3", className)} />;
}

export function TextArea({ className, ...rest }: ComponentProps<"textarea">) {
  return (
    <textarea
      rows={4}
      {...useControl()}
      {...rest}
      className={classNames(controlLook, "px-3 py-2", className)}
    />
  );
}

/** The browser's own list, which every keyboard, phone and reader already knows. */
export function Select({ className, children, ...rest }: ComponentProps<"select">) {
  return (
    <select
      {...useControl()}
      {...rest}
      className={classNames(controlLook, "select-arrow h-9 appearance-none px-3 pr-8", className)}
    >
      {children}
    </select>
  );
}

/** Text that follows or leads an input in the same box, like the domain after a local part. */
export function InputWithSuffix({
  suffix,
  className,
  ...rest
}: ComponentProps<"input"> & { suffix: string }) {
  return (
    <div className="flex min-w-0 items-stretch">
      <input
        {...useControl()}
        {...rest}
        className={classNames(controlLook, "h-9 min-w-0 rounded-r-none px-3", className)}
      />
      <span className="flex max-w-[65%] shrink-0 items-center py-1 leading-tight [overflow-wrap:anywhere] rounded-r-ui border border-control border-l-0 bg-sunken px-3 text-ink-2 text-table">
        {suffix}
      </span>
    </div>
  );
}

export interface SwitchFieldProps {
  label: string;
  hint?: ReactNode;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
  disabled?: boolean;
}

export function SwitchField({ label, hint, isOn, onChange, disabled }: SwitchFieldProps) {
  const id = useId();
  return (
    <div className="flex items-start justify-between gap-6">
      <div className="grid gap-0.5">
        <label htmlFor={id} className="font-medium text-table">
          {label}
        </label>
        {hint ? <p className="text-ink-3 text-meta">{hint}</p> : null}
      </div>
      <RadixSwitch.Root
        id={id}
        checked={isOn}
        onCheckedChange={onChange}
        disabled={disabled ?? false}
        className="relative mt-0.5 h-5 w-9 shrink-0 rounded-full border border-control bg-sunken transition-colors data-[state=checked]:border-accent-fill data-[state=checked]:bg-accent-fill disabled:opacity-50"
      >
        <RadixSwitch.Thumb className="block size-3.5 translate-x-0.5 rounded-full bg-ink-3 transition-transform data-[state=checked]:translate-x-[1.1rem] data-[state=checked]:bg-on-accent" />
      </RadixSwitch.Root>
    </div>
  );
}
