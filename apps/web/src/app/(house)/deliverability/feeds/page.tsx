import { FeedsScreen } from "../../../../features/deliverability/feeds-screen.tsx";
import { Prepared, titled } from "../../../../server/page.tsx";

export const generateMetadata = titled("feeds.title");

export default function FeedsPage() {
  return (
    <Prepared asks={(trpc) => [trpc.feeds.list.queryOptions({}), trpc.tenants.list.queryOptions()]}>
      <FeedsScreen />
    </Prepared>
  );
}
