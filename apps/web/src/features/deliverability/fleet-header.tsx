"use client";
import { providers } from "@mailstead/core/delivery";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "../../client/trpc.tsx";
import { useUrlParams } from "../../client/use-url-params.ts";
import { FilterSelect } from "../../components/filter-bar.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { TabLinks } from "../../components/tab-links.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { CustomerFilter } from "../tenants/customer-filter.tsx";
import { readFleetFilters } from "./fleet-filters.ts";
import { fleetSpans } from "./spans.ts";

export interface FleetHeaderProps {
  lead: string;
  /** Whether the page is about a time; block lists are about now. */
  hasSpan?: boolean;
  /** Whether it can be narrowed to a customer; feeds are of the whole organisation. */
  hasCustomer?: boolean;
}

/** The head that all of the fleet's pages about deliverability share: whose mail, which time, and the way to the others. */
export function FleetHeader({ lead, hasSpan = true, hasCustomer = true }: FleetHeaderProps) {
  const { t } = useWords();
  const trpc = useTRPC();
  const [params, setParams] = useUrlParams();
  const { span, tenantId, provider } = readFleetFilters(params);
  const tenants = useQuery(trpc.tenants.list.queryOptions());
  const customer = tenants.data?.find(({ id }) => id === tenantId)?.name;
  const receiver =
    provider === undefined
      ? undefined
      : provider === "other"
        ? t("deliverability.others")
        : providers[provider].title;
  // Whose mail and which time go along; what belongs to one page stays there.
  const along = new URLSearchParams();
  for (const name of ["customer", "span"]) {
    const value = params.get(name);
    if (value !== null) along.set(name, value);
  }
  const query = along.size === 0 ? "" : `?${along}`;
  return (
    <>
      <PageHeader
        title={
          receiver !== undefined
            ? t("fleet.at", { name: receiver })
            : customer !== undefined && hasCustomer
              ? t("fleet.of", { name: customer })
              : t("deliverability.title")
        }
        description={receiver !== undefined && customer !== undefined ? `${customer}. ${lead}` : lead}
        actions={
          <>
            {hasCustomer ? (
              <CustomerFilter value={tenantId ?? ""} onChange={(value) => setParams({ customer: value })} />
            ) : null}
            {hasSpan ? (
              <FilterSelect
                label={t("deliverability.span")}
                value={span}
                onChange={(value) => setParams({ span: value === "month" ? null : value })}
                options={fleetSpans.map((value) => ({ value, label: t(`deliverability.span.${value}`) }))}
              />
            ) : null}
          </>
        }
      />
      <TabLinks
        label={t("fleet.tabs")}
        tabs={[
          { href: `/deliverability${query}`, label: t("fleet.tab.receivers") },
          { href: `/deliverability/senders${query}`, label: t("senders.title") },
          { href: `/deliverability/encryption${query}`, label: t("tls.title") },
          { href: `/deliverability/block-lists${query}`, label: t("lists.title") },
          { href: `/deliverability/feeds${query}`, label: t("feeds.title") },
        ]}
      />
    </>
  );
}
