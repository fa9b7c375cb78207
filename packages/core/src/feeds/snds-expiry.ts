/** An automated link ends so many days after it was made, unless it is made anew. */
export const sndsLinkDays = 30;
/** The access to a network is to be confirmed again after so many months. */
export const sndsAccessMonths = 10;

/** When a link of SNDS that was entered at `linkedAt` ends at the latest, and when its access is to be confirmed. */
export function sndsExpiry({ linkedAt, confirmedAt }: { linkedAt: Date; confirmedAt: Date }): {
  linkEndsAt: Date;
  accessEndsAt: Date;
} {
  const accessEndsAt = new Date(confirmedAt);
  accessEndsAt.setUTCMonth(accessEndsAt.getUTCMonth() + sndsAccessMonths);
  return { linkEndsAt: new Date(linkedAt.getTime() + sndsLinkDays * 86_400_000), accessEndsAt };
}
