"use client";
import { Check, Columns3 } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { IconButton } from "./button.tsx";
import { isChosen } from "./column-choice.ts";
import type { Column } from "./data-table.tsx";
import { useWords } from "./words-provider.tsx";

export interface ColumnMenuProps<Row> {
  columns: readonly Column<Row>[];
  choice: Readonly<Record<string, boolean>>;
  onChoose: (columnId: string, isShown: boolean) => void;
}

/** Lets a person say which columns a list shows. The first one names the row and stays, as do its actions. */
export function ColumnMenu<Row>({ columns, choice, onChoose }: ColumnMenuProps<Row>) {
  const { t } = useWords();
  const choosable = columns.slice(1).filter((column) => column.isActions !== true);
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <IconButton label={t("table.columns")} className="max-md:hidden">
          <Columns3 aria-hidden="true" className="size-4" />
        </IconButton>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={6}
          collisionPadding={8}
          className="z-50 min-w-44 animate-rise rounded-ui border border-line bg-raised p-1 shadow-float"
        >
          <DropdownMenu.Label className="px-2 pt-1 pb-1.5 font-medium text-ink-3 text-meta">
            {t("table.columns")}
          </DropdownMenu.Label>
          {choosable.map((column) => (
            <DropdownMenu.CheckboxItem
              key={column.id}
              checked={isChosen(column, choice)}
              onCheckedChange={(isShown) => onChoose(column.id, isShown)}
              // Several are chosen in one go, so the menu stays.
              onSelect={(event) => event.preventDefault()}
              className="flex h-8 cursor-default select-none items-center gap-2 rounded-[0.3125rem] px-2 text-table outline-none data-[highlighted]:bg-hover"
            >
              <span className="size-3.5">
                <DropdownMenu.ItemIndicator>
                  <Check aria-hidden="true" className="size-3.5 text-accent" />
                </DropdownMenu.ItemIndicator>
              </span>
              {column.header}
            </DropdownMenu.CheckboxItem>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
