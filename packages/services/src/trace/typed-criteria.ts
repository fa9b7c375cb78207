import { toALabels } from "@mailstead/core/dns";
import { traceCriteriaSchema } from "@mailstead/core/trace";
import { z } from "zod";

const { sender, recipient, domain } = traceCriteriaSchema.shape;

const inDns = (address: string): string => {
  const at = address.lastIndexOf("@");
  return at < 0 ? address : `${address.slice(0, at)}@${toALabels(address.slice(at + 1))}`;
};
const typedAddress = (address: typeof sender) =>
  z.string().trim().transform(inDns).pipe(address.unwrap()).optional();

/** What a person types of a message: domains as they are shown, which a mail log has as the DNS does. */
export const typedCriteriaSchema = traceCriteriaSchema.extend({
  sender: typedAddress(sender),
  recipient: typedAddress(recipient),
  domain: z.string().trim().transform(toALabels).pipe(domain.unwrap()).optional(),
});
