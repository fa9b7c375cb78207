import { openLab } from "../lab/lab.ts";
import {
  domainName,
  openSigningDomain,
  type SigningDomain,
  type SigningDomainOptions,
  senders,
} from "./signing-domain.ts";
import { openTwoReceivers, receiverZones, scannerName, type TwoReceivers } from "./two-receivers.ts";

/** A domain that signs on two servers, and two receivers who will judge its mail. */
export interface RotationScene {
  readonly place: SigningDomain;
  readonly receivers: TwoReceivers;
  close(): Promise<void>;
}

/** Opens the whole scene in a lab of its own. Nothing is left when it throws. */
export async function openRotationScene(
  options: Omit<SigningDomainOptions, "hosts">,
): Promise<RotationScene> {
  const lab = await openLab({
    hosts: [
      ...senders.map(({ name, suite }) => ({ name, suite, image: "stack" as const })),
      { name: scannerName, suite: "trixie", image: "stack" },
    ],
    zones: [domainName, ...receiverZones],
    receivers: false,
    log: options.log,
  });
  try {
    const [place, receivers] = await Promise.all([
      openSigningDomain(lab, { hosts: senders, ...options }),
      openTwoReceivers(lab),
    ]);
    return {
      place,
      receivers,
      close: async () => {
        await place.close();
        await lab.close();
      },
    };
  } catch (cause) {
    await lab.close();
    throw cause;
  }
}
