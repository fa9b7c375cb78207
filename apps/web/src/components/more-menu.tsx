"use client";
import { Ellipsis } from "lucide-react";
import { IconButton, type IconButtonProps } from "./button.tsx";
import { Menu, type MenuProps } from "./menu.tsx";

/** What is done less often with the thing beside it; quiet in a row, framed in the head of a page. */
export function MoreMenu({
  label,
  groups,
  ...button
}: Pick<MenuProps, "groups"> & Pick<IconButtonProps, "label" | "look" | "size" | "className">) {
  return (
    <Menu
      trigger={
        <IconButton label={label} {...button}>
          <Ellipsis aria-hidden="true" className="size-4" />
        </IconButton>
      }
      groups={groups}
    />
  );
}
