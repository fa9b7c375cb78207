import { Slot } from "radix-ui";
import type { ComponentProps } from "react";
import { classNames } from "./class-names.ts";
import { Spinner } from "./spinner.tsx";

const looks = {
  primary:
    "bg-accent-fill text-on-accent shadow-rest hover:bg-accent-fill-hover active:brightness-95 disabled:hover:bg-accent-fill",
  secondary:
    "border border-line-strong bg-surface text-ink shadow-rest hover:bg-hover active:bg-sunken disabled:hover:bg-surface",
  quiet: "text-ink-2 hover:bg-hover hover:text-ink active:bg-sunken",
  danger: "bg-trouble-fill text-on-accent shadow-rest hover:bg-trouble-fill-hover active:brightness-95",
  "quiet-danger": "text-trouble hover:bg-trouble-soft",
} as const;

export type ButtonLook = keyof typeof looks;

const sizes = {
  small: "h-7 gap-1.5 px-2.5 text-table",
  medium: "h-8 gap-2 px-3 text-table",
  large: "h-9 gap-2 px-4 text-body",
} as const;

const shape =
  "inline-flex shrink-0 select-none items-center justify-center rounded-ui font-medium whitespace-nowrap transition-colors duration-100 disabled:cursor-not-allowed disabled:opacity-55 aria-disabled:opacity-55";

export interface ButtonProps extends ComponentProps<"button"> {
  look?: ButtonLook;
  size?: keyof typeof sizes;
  /** Shows that the press is being worked on and ignores further presses. */
  isBusy?: boolean;
  /** Lends the looks to the only child, for links that act as buttons. */
  asChild?: boolean;
}

export function Button({
  look = "secondary",
  size = "medium",
  isBusy = false,
  asChild,
  className,
  children,
  ...rest
}: ButtonProps) {
  const classes = classNames(shape, looks[look], sizes[size], className);
  if (asChild) {
    return (
      <Slot.Root className={classes} {...rest}>
        {children}
      </Slot.Root>
    );
  }
  return (
    <button
      type="button"
      {...rest}
      className={classes}
      disabled={rest.disabled || isBusy}
      aria-busy={isBusy || undefined}
    >
      {isBusy ? <Spinner /> : null}
      {children}
    </button>
  );
}

export interface IconButtonProps extends Omit<ButtonProps, "size"> {
  /** What the button does, for people who do not see the icon. */
  label: string;
  size?: "small" | "medium";
}

export function IconButton({ label, look = "quiet", size = "medium", className, ...rest }: IconButtonProps) {
  return (
    <Button
      look={look}
      aria-label={label}
      title={label}
      {...rest}
      className={classNames(size === "small" ? "size-7 p-0!" : "size-8 p-0!", className)}
    />
  );
}
