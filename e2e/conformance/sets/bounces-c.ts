import { readArrivedMail } from "@mailstead/agent/reports";
import type { Material } from "../material.ts";
import { type ScoreBook, shown } from "../score.ts";

/** Old bounces and complaints without labels: what they are shows by their names and by their own fields. */
export async function scoreOldBounces(material: Material, book: ScoreBook): Promise<void> {
  const read = book.open("read without a crash");
  const complaints = book.open("complaints are known");
  const recipients = book.open("delivery reports name recipient and status");
  for (const file of material.files()) {
    const bytes = material.bytes(file);
    if (bytes === null) continue;
    await book.attempt(file, read, async () => {
      const arrived = await readArrivedMail(bytes);
      read.add(arrived.kind !== "refused", `${file}: ${shown(arrived)}`);
      if (/^(?:arf|fbl)/i.test(file)) {
        complaints.add(arrived.kind === "complaint", `${file}: ${shown(arrived)}`);
        return;
      }
      const text = new TextDecoder("latin1").decode(bytes);
      if (!/^Final-Recipient:/im.test(text)) return;
      const first = arrived.kind === "bounce" ? arrived.returned.recipients[0] : undefined;
      const isStatusThere = /^Status:\s*[245]\.\d/im.test(text);
      recipients.add(
        first?.address.includes("@") === true && (!isStatusThere || first.status !== null),
        `${file}: ${shown(arrived)}`,
      );
    });
  }
}
