"use client";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "../../client/trpc.tsx";
import { FilterSelect } from "../../components/filter-bar.tsx";
import { useWords } from "../../components/words-provider.tsx";

export interface CustomerFilterProps {
  /** Id of the customer; "" shows those of all. */
  value: string;
  onChange: (tenantId: string) => void;
}

/** Narrows a list to one customer. */
export function CustomerFilter({ value, onChange }: CustomerFilterProps) {
  const { t } = useWords();
  const trpc = useTRPC();
  const tenants = useQuery(trpc.tenants.list.queryOptions());
  return (
    <FilterSelect
      label={t("servers.filter.customer")}
      value={value}
      onChange={onChange}
      options={[
        { value: "", label: t("servers.filter.all-customers") },
        ...(tenants.data ?? []).map((tenant) => ({ value: tenant.id, label: tenant.name })),
      ]}
    />
  );
}
