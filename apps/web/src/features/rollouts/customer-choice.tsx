"use client";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "../../client/trpc.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";

interface CustomerChoiceProps {
  chosen: readonly string[];
  onChange: (tenantIds: readonly string[]) => void;
}

/** Customers to tick. */
export function CustomerChoice({ chosen, onChange }: CustomerChoiceProps) {
  const trpc = useTRPC();
  const tenants = useQuery(trpc.tenants.list.queryOptions());
  return (
    <>
      <ProblemNote error={tenants.error} />
      <ul className="grid max-h-56 gap-px overflow-y-auto rounded-ui border border-line p-1">
        {(tenants.data ?? []).map(({ id, name }) => (
          <li key={id}>
            <label className="flex items-center gap-2.5 rounded-ui px-2 py-1 text-table hover:bg-hover">
              <input
                type="checkbox"
                checked={chosen.includes(id)}
                onChange={() =>
                  onChange(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id])
                }
                className="size-4 accent-(--accent-fill)"
              />
              <span className="min-w-0 [overflow-wrap:anywhere]">{name}</span>
            </label>
          </li>
        ))}
      </ul>
    </>
  );
}
