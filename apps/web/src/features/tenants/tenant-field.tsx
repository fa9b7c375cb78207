"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Field, Input, Select } from "../../components/field.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay } from "../access/role-provider.tsx";

const newTenant = "new";

export interface TenantChoice {
  tenants: readonly { id: string; name: string }[];
  value: string;
  setValue: (value: string) => void;
  newName: string;
  setNewName: (name: string) => void;
  isNew: boolean;
  /** The chosen customer's id, made first when it is a new one; null when that failed, with the reason in `error`. */
  resolve: () => Promise<string | null>;
  isBusy: boolean;
  error: unknown;
}

/** Chooses a customer, or makes one on the way, so that nobody has to leave a dialog for it. */
export function useTenantChoice(): TenantChoice {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const list = useQuery(trpc.tenants.list.queryOptions());
  const [picked, setPicked] = useState<string | null>(null);
  const [newName, setNewName] = useState("");
  const create = useMutation(
    trpc.tenants.create.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.tenants.pathKey() }),
    }),
  );
  const tenants = list.data ?? [];
  const value = picked ?? tenants[0]?.id ?? newTenant;
  const resolve = async () => {
    if (value !== newTenant) return value;
    try {
      const { tenantId } = await create.mutateAsync({ name: newName });
      setPicked(tenantId);
      return tenantId;
    } catch {
      // The mutation keeps the error, and the form shows it.
      return null;
    }
  };
  return {
    tenants,
    value,
    setValue: setPicked,
    newName,
    setNewName,
    isNew: value === newTenant,
    resolve,
    isBusy: create.isPending,
    error: create.error,
  };
}

export function TenantField({ choice }: { choice: TenantChoice }) {
  const { t } = useWords();
  return (
    <>
      {choice.tenants.length === 0 ? null : (
        <Field label={t("add-server.customer")}>
          <Select value={choice.value} onChange={(event) => choice.setValue(event.target.value)}>
            {choice.tenants.map((tenant) => (
              <option key={tenant.id} value={tenant.id}>
                {tenant.name}
              </option>
            ))}
            <IfMay use="tenants.create">
              <option value={newTenant}>{t("add-server.new-customer")}</option>
            </IfMay>
          </Select>
        </Field>
      )}
      {choice.isNew ? (
        <Field label={t("add-server.customer-name")}>
          <Input
            value={choice.newName}
            onChange={(event) => choice.setNewName(event.target.value)}
            required
            maxLength={100}
            autoComplete="off"
          />
        </Field>
      ) : null}
    </>
  );
}
