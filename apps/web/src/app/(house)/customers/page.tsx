import { CustomersScreen } from "../../../features/tenants/customers-screen.tsx";
import { Prepared, titled } from "../../../server/page.tsx";

export const generateMetadata = titled("customers.title");

export default function CustomersPage() {
  return (
    <Prepared asks={(trpc) => [trpc.tenants.list.queryOptions()]}>
      <CustomersScreen />
    </Prepared>
  );
}
