"use client";
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import { classNames } from "./class-names.ts";

export interface MenuItem {
  label: string;
  icon?: ReactNode;
  onSelect: () => void;
  isDanger?: boolean;
  isDisabled?: boolean;
}

/** A menu that opens from the given button. `groups` are set apart by hairlines; without a single item there is none. */
export function Menu({
  trigger,
  groups,
  align = "end",
}: {
  trigger: ReactNode;
  groups: readonly (readonly MenuItem[])[];
  align?: "start" | "end";
}) {
  const filled = groups.filter((items) => items.length > 0);
  if (filled.length === 0) return null;
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          sideOffset={6}
          collisionPadding={8}
          className="z-50 min-w-48 animate-rise rounded-ui border border-line bg-raised p-1 shadow-float"
        >
          {filled.map((items, index) => (
            <DropdownMenu.Group key={items[0]?.label}>
              {index === 0 ? null : <DropdownMenu.Separator className="-mx-1 my-1 h-px bg-line" />}
              {items.map((item) => (
                <DropdownMenu.Item
                  key={item.label}
                  onSelect={item.onSelect}
                  disabled={item.isDisabled ?? false}
                  className={classNames(
                    "flex h-8 cursor-default select-none items-center gap-2 rounded-[0.3125rem] px-2 text-table outline-none data-[disabled]:opacity-50 data-[highlighted]:bg-hover",
                    item.isDanger ? "text-trouble data-[highlighted]:bg-trouble-soft" : "text-ink",
                  )}
                >
                  {item.icon}
                  {item.label}
                </DropdownMenu.Item>
              ))}
            </DropdownMenu.Group>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
