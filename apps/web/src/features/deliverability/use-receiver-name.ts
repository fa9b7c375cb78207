import { type ProviderId, providers } from "@mailstead/core/delivery";
import { useWords } from "../../components/words-provider.tsx";

/** What a receiver is called. */
export function useReceiverName(): (provider: ProviderId | null) => string {
  const { t } = useWords();
  return (provider) => (provider === null ? t("deliverability.others") : providers[provider].title);
}
