import { z } from "zod";

/** What the queue carries: an invitation to a gateway to look at a row. The row says everything else. */
export const deliverySchema = z.object({ jobId: z.uuid(), serverId: z.uuid() });
export type Delivery = z.infer<typeof deliverySchema>;
