"use client";
import { Button } from "../../components/button.tsx";
import { useWords } from "../../components/words-provider.tsx";

const formats = ["text", "csv", "json"] as const;

/** The proof log of a rotation to keep, in each form. */
export function ProofLinks({ rotationId }: { rotationId: string }) {
  const { t } = useWords();
  return (
    <div className="flex flex-wrap gap-2">
      {formats.map((format) => (
        <Button key={format} size="small" asChild>
          <a href={`/api/proof/${rotationId}?format=${format}`} download>
            {t(`rotation.proof.${format}`)}
          </a>
        </Button>
      ))}
    </div>
  );
}
